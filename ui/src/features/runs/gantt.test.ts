import { expect, it } from 'vitest'
import type { Run } from '@/api/types'
import { barsOf } from './gantt'

const run = (fields: Partial<Run>) => ({ id: 'r', status: 'completed', startedAt: '2026-03-01T10:00:00Z', ...fields }) as Run
const now = Date.parse('2026-03-01T12:00:00Z')

it.each([
  [{ finishedAt: '2026-03-01T10:30:00Z' }, 30],
  [{ status: 'running' }, 120],
  [{ status: 'failed' }, 0],
  [{ finishedAt: '2026-03-01T09:00:00Z' }, 0],
])('%j lasts %d minutes', (fields, minutes) => { expect(barsOf([run(fields)], now)[0]?.length).toBe(minutes * 60_000) })

it('leaves out what has no time', () => { expect(barsOf([run({ startedAt: 'soon' })], now)).toEqual([]) })
