import type { Overview } from '@/api/types'
import type { Tone } from '@/i18n/enums'

export type AttentionReason = Overview['attention'][number]['reasons'][number]

export const attentionLooks: Record<AttentionReason['kind'], { icon: string, tone: Tone }> = {
  failed_run: { icon: 'i-lucide-circle-x', tone: 'error' },
  over_budget: { icon: 'i-lucide-wallet', tone: 'error' },
  near_budget: { icon: 'i-lucide-wallet', tone: 'warning' },
  conflict: { icon: 'i-lucide-git-merge', tone: 'warning' },
  stale: { icon: 'i-lucide-hourglass', tone: 'neutral' },
}
