import type { AgentEvent } from '@/api/types'

/** Events that PilotDeck writes itself, without an agent: they are no sign that one is connected. */
const OWN_TYPES = new Set(['agent_key', 'deploy'])

export function isOwnEvent(event: AgentEvent): boolean {
  return event.agentId === null && OWN_TYPES.has(event.type)
}
