import { describe, expect, it } from 'vitest'
import { activityOf, agentIdsOf, dailyOf, searchActivity, sortActivity } from './activity'

const rows = activityOf({
  profiles: [{ id: 'ada', name: 'Ada' }], ids: agentIdsOf(['ada'], ['bob', ''], ['unassigned', 'bob']), running: new Map([['bob', 2]]),
  completed: [{ value: 'ada', count: 3 }], failed: [{ value: 'bob', count: 1 }], usage: [{ agentId: 'ada', totalTokens: 10, cost: 0.5 }], lastSeen: new Map([['bob', '2026']]),
})
const order = (by: Parameters<typeof sortActivity>[1]) => sortActivity(rows, by, 'en').map(row => row.id)

describe('activityOf', () => {
  it('has a row for everybody who was seen or has a profile, once', () => {
    expect(rows).toEqual([
      { id: 'ada', name: 'Ada', hasProfile: true, running: 0, completed: 3, failed: 0, lastSeen: '', tokens: 10, cost: 0.5 },
      { id: 'bob', name: 'bob', hasProfile: false, running: 2, completed: 0, failed: 1, lastSeen: '2026', tokens: 0, cost: 0 },
    ])
  })
  it('sorts by figures, most first', () => { expect([order('cost'), order('seen'), order('failed'), order('name')]).toEqual([['ada', 'bob'], ['bob', 'ada'], ['bob', 'ada'], ['ada', 'bob']]) })
  it('is searched by name and id', () => { expect(searchActivity(rows, 'BO').map(row => row.id)).toEqual(['bob']) })
})

it('puts days in their places', () => {
  const days = ['2026-01-01', '2026-01-02']
  expect(dailyOf([{ day: '2026-01-02', key: 'ada', value: 2 }, { day: '2025-01-01', key: 'ada', value: 9 }], days).get('ada')).toEqual([0, 2])
})
