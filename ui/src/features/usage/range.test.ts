import { expect, it } from 'vitest'
import { isDay, rangeOf } from './range'

it.each([
  ['today', { since: '2026-03-01', until: '2026-03-01' }],
  ['week', { since: '2026-02-23', until: '2026-03-01' }],
  ['month', { since: '2026-01-31', until: '2026-03-01' }],
  ['all', {}],
  ['custom', { since: '2020-01-01' }],
] as const)('%s is %j', (name, range) => { expect(rangeOf(name, '2026-03-01', { since: '2020-01-01' })).toEqual(range) })

it('takes real days only', () => {
  expect(['2026-03-01', '2026-13-01', 'x', '2026-3-1', ''].map(isDay)).toEqual([true, false, false, false, false])
})
