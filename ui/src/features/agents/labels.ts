import type { MessageKey } from '@/i18n'
import type { CapabilityValues } from './capability'
import type { ProfileValues } from './profile'
import type { AgentTab } from './tabs'

export const tabLooks: Record<AgentTab, { label: MessageKey, icon: string }> = {
  profiles: { label: 'agents.profiles', icon: 'i-lucide-contact-round' },
  capabilities: { label: 'agents.capabilities', icon: 'i-lucide-blocks' },
  activity: { label: 'agents.activity', icon: 'i-lucide-activity' },
}

export const fieldKeys: Record<keyof ProfileValues | keyof CapabilityValues, MessageKey> = {
  id: 'agents.id', name: 'agents.name', description: 'agents.description', enabled: 'agents.enabled', meta: 'agents.meta', custom: 'agents.custom',
  role: 'agents.role', styleTags: 'agents.styleTags', skills: 'agents.skills', outputMode: 'agents.outputMode',
  writebackPolicy: 'agents.writebackPolicy', permissions: 'agents.permissions',
  promptPack: 'agents.promptPack', skillPack: 'agents.skillPack', constraints: 'agents.constraints',
}

export function fieldKeyOf(key: string): MessageKey | undefined {
  return Object.hasOwn(fieldKeys, key) ? fieldKeys[key as keyof typeof fieldKeys] : undefined
}
