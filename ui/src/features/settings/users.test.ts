import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { UserEntry } from '@/api/types'
import { actsFor, needsAsking, newUserSchema } from './users'

const user = (changes: Partial<UserEntry>): UserEntry => ({
  id: 'u', username: 'ada', role: 'viewer', disabled: false, createdAt: '', updatedAt: '', lastLoginAt: null, sessions: 0, isSelf: false, ...changes,
})
const say = { needed: 'needed', nameLength: 'nameLength', length: 'length', notDefault: 'notDefault', notName: 'notName' }

describe('users', () => {
  it('are offered what fits their state; oneself never a reset', () => {
    expect(actsFor(user({}))).toEqual(['promote', 'reset', 'disable'])
    expect(actsFor(user({ role: 'admin', disabled: true }))).toEqual(['demote', 'reset', 'enable'])
    expect(actsFor(user({ role: 'admin', isSelf: true }))).toEqual(['demote', 'ownPassword', 'disable'])
  })

  it('are asked before they lock themselves out', () => {
    expect(needsAsking(user({ isSelf: true }), 'disable')).toBe(true)
    expect(needsAsking(user({ isSelf: true }), 'ownPassword')).toBe(false)
    expect(needsAsking(user({}), 'disable')).toBe(false)
  })

  it.each([
    [{ username: ' ', password: 'a long enough one' }, 'needed'], [{ username: 'x'.repeat(65), password: 'a long enough one' }, 'nameLength'],
    [{ username: 'ada', password: 'short' }, 'length'], [{ username: 'Ada Lovelace', password: 'ada lovelace' }, 'notName'],
  ])('cannot be %j', (values, rule) => {
    expect(v.safeParse(newUserSchema(() => values.username, say), values).issues?.map(issue => issue.message)).toEqual([rule])
  })
})
