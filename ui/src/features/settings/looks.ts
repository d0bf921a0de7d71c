import type { AgentRight } from '@/api/types'
import type { MessageKey } from '@/i18n'
import type { Look } from '@/i18n/enums'
import type { KeyState } from './keys'

export const roleLooks = {
  admin: { label: 'users.admin', text: 'users.adminText', icon: 'i-lucide-shield-check', tone: 'primary' },
  viewer: { label: 'users.viewer', text: 'users.viewerText', icon: 'i-lucide-eye', tone: 'neutral' },
} satisfies Record<'admin' | 'viewer', Look & { text: MessageKey }>

export const rightLooks: Record<AgentRight, { label: MessageKey, text: MessageKey }> = {
  read: { label: 'agentKeys.read', text: 'agentKeys.readText' },
  report: { label: 'agentKeys.report', text: 'agentKeys.reportText' },
  projects: { label: 'agentKeys.projects', text: 'agentKeys.projectsText' },
}

export const keyLooks: Record<KeyState, Look> = {
  active: { label: 'agentKeys.active', icon: 'i-lucide-circle-check', tone: 'success' },
  expired: { label: 'agentKeys.expired', icon: 'i-lucide-timer-off', tone: 'warning' },
  revoked: { label: 'agentKeys.revoked', icon: 'i-lucide-ban', tone: 'neutral' },
}
