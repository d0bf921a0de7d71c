import { expect, it } from 'vitest'
import type { AgentEvent, Run } from '@/api/types'
import { offsetText, traceOf } from './trace'

const run = { id: 'r', status: 'completed', startedAt: '2026-03-01T10:00:00Z', finishedAt: '2026-03-01T10:00:10Z' } as Run
const event = (id: string, ts: string) => ({ id, ts }) as AgentEvent

it('places events between the start and the end of their run, oldest first', () => {
  const { rows, length } = traceOf(run, [event('b', '2026-03-01T10:00:05Z'), event('a', '2026-03-01T10:00:00Z')], 0)
  expect(length).toBe(10_000)
  expect(rows.map(row => [row.event.id, row.share])).toEqual([['a', 0], ['b', 50]])
})

it('takes in what lies outside the run', () => {
  const { rows, length } = traceOf(run, [event('early', '2026-03-01T09:59:50Z')], 0)
  expect([length, rows[0]?.share]).toEqual([20_000, 0])
})

it.each([[0, '+0ms'], [950, '+950ms'], [1500, '+1.5s'], [80_000, '+1m 20s'], [3_660_000, '+1h 01m']])('%d ms are %s', (time, text) => {
  expect(offsetText(time)).toBe(text)
})
