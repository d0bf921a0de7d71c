import type { UsageKey } from '@/api/types'
import type { MessageKey } from '@/i18n'
import type { RangeName } from './range'

export const rangeLabels: Record<RangeName, MessageKey> = {
  today: 'usage.today', week: 'usage.week', month: 'usage.month', quarter: 'usage.quarter', year: 'usage.year', all: 'usage.all', custom: 'usage.custom',
}

export const keyLooks: Record<UsageKey, { label: MessageKey, icon: string }> = {
  model: { label: 'usage.model', icon: 'i-lucide-cpu' },
  project: { label: 'usage.project', icon: 'i-lucide-layout-grid' },
  agent: { label: 'usage.agent', icon: 'i-lucide-bot' },
  workspace: { label: 'usage.workspace', icon: 'i-lucide-folder' },
  source: { label: 'usage.source', icon: 'i-lucide-plug' },
}
