import type { AgentEvent } from '@/api/types'
import type { MessageKey } from '@/i18n'
import { levelLooks, lookOf, toneText } from '@/i18n/enums'
import { RUN_TYPE } from './filter'

/** The types the contract names; agents may send any other word. */
export const typeLooks: Record<string, { label: MessageKey, icon: string } | undefined> = {
  note: { label: 'eventType.note', icon: 'i-lucide-message-square-text' },
  action: { label: 'eventType.action', icon: 'i-lucide-zap' },
  result: { label: 'eventType.result', icon: 'i-lucide-circle-check' },
  error: { label: 'eventType.error', icon: 'i-lucide-circle-x' },
  milestone: { label: 'eventType.milestone', icon: 'i-lucide-flag' },
  proposal: { label: 'eventType.proposal', icon: 'i-lucide-lightbulb' },
  [RUN_TYPE]: { label: 'eventType.run', icon: 'i-lucide-play' },
}

const typeTones: Record<string, string> = {
  action: 'text-primary', result: 'text-success', error: 'text-error', milestone: 'text-warning', proposal: 'text-info',
}

/** `action.set_status` is an action. */
export function baseType(type: string): string {
  return type.split('.', 1)[0] ?? type
}

export function eventIcon(event: AgentEvent): string {
  return typeLooks[baseType(event.type)]?.icon ?? 'i-lucide-circle-small'
}

/** A warning or an error is coloured whatever its type; else the type decides. */
export function eventTone(event: AgentEvent): string {
  const level = lookOf(levelLooks, event.level)
  if (level && level.tone !== 'neutral') return toneText[level.tone]
  return typeTones[baseType(event.type)] ?? 'text-muted'
}
