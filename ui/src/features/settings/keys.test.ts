import { describe, expect, it } from 'vitest'
import type { AgentKey } from '@/api/types'
import { isLastKey, keyInput, keyState, newKeyValues } from './keys'

const now = Date.parse('2026-03-01T12:00:00Z')
const key = (changes: Partial<AgentKey>): AgentKey => ({
  id: 'k', name: 'k', agentId: 'a', projectIds: null, rights: ['read'], createdAt: '2026-01-01T00:00:00Z', expiresAt: null, lastUsedAt: null, revokedAt: null, ...changes,
})

describe('a new key', () => {
  it('sends only what was chosen', () => {
    expect(keyInput(newKeyValues(' claude '), now)).toEqual({ agentId: 'claude', rights: ['read', 'report', 'projects'] })
  })
  it('sends rights in one order, and the end of its time', () => {
    const values = { ...newKeyValues('a', ['p']), name: ' CI ', rights: ['report' as const, 'read' as const], lifetime: '7' as const }
    expect(keyInput(values, now)).toEqual({ agentId: 'a', name: 'CI', projectIds: ['p'], rights: ['read', 'report'], expiresAt: '2026-03-08T12:00:00.000Z' })
  })
  it('lasts until the end of a chosen day', () => {
    const { expiresAt = '' } = keyInput({ ...newKeyValues('a'), lifetime: 'date', lastDay: '2026-04-05' }, now)
    expect(new Date(expiresAt).getDate()).toBe(5)
    expect(new Date(expiresAt).getHours()).toBe(23)
  })
})

describe('a known key', () => {
  it.each([
    [{}, 'active'], [{ expiresAt: '2026-03-01T12:00:01Z' }, 'active'], [{ expiresAt: '2026-03-01T12:00:00Z' }, 'expired'],
    [{ expiresAt: '2026-01-01T00:00:00Z', revokedAt: '2026-02-01T00:00:00Z' }, 'revoked'],
  ] as const)('with %j is %s', (changes, state) => {
    expect(keyState(key(changes), now)).toBe(state)
  })
  it('is the last one when all others are revoked', () => {
    const one = key({ id: '1' })
    expect(isLastKey([one, key({ id: '2', revokedAt: '2026-02-01T00:00:00Z' })], one)).toBe(true)
    expect(isLastKey([one, key({ id: '2', expiresAt: '2026-02-01T00:00:00Z' })], one)).toBe(false)
  })
})
