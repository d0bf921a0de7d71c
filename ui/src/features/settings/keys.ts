import type { AgentKey, AgentRight } from '@/api/types'
import type { AgentKeyInput } from '@/api/queries/agentKeys'

export const rights = ['read', 'report', 'projects'] as const satisfies readonly AgentRight[]
export const lifetimes = ['never', '7', '30', '90', '365', 'date'] as const
export type Lifetime = typeof lifetimes[number]
export type KeyState = 'active' | 'expired' | 'revoked'

export interface KeyValues {
  name: string
  agentId: string
  projectIds: string[]
  rights: AgentRight[]
  lifetime: Lifetime
  /** YYYY-MM-DD, where the lifetime is `date`. */
  lastDay: string
}

export function newKeyValues(agentId = '', projectIds: string[] = []): KeyValues {
  return { name: '', agentId, projectIds, rights: [...rights], lifetime: 'never', lastDay: '' }
}

/** As it travels: what was left out is left out, so that the server's own defaults hold. */
export function keyInput(values: KeyValues, now: number): AgentKeyInput {
  return {
    agentId: values.agentId.trim(),
    ...values.name.trim() ? { name: values.name.trim() } : {},
    ...values.projectIds.length > 0 ? { projectIds: values.projectIds } : {},
    rights: rights.filter(right => values.rights.includes(right)),
    ...expiry(values, now),
  }
}

function expiry({ lifetime, lastDay }: KeyValues, now: number): { expiresAt?: string } {
  if (lifetime === 'never') return {}
  // Until the end of that day where the reader is.
  if (lifetime === 'date') return { expiresAt: new Date(`${lastDay}T23:59:59`).toISOString() }
  return { expiresAt: new Date(now + Number(lifetime) * 86_400_000).toISOString() }
}

export function keyState(key: AgentKey, now: number): KeyState {
  if (key.revokedAt) return 'revoked'
  return key.expiresAt && Date.parse(key.expiresAt) <= now ? 'expired' : 'active'
}

/** While one key is not revoked, open mode is off; an expired one counts. */
export function isLastKey(all: readonly AgentKey[], key: AgentKey): boolean {
  return all.every(other => other.id === key.id || other.revokedAt !== null)
}
