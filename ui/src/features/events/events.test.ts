import { describe, expect, it } from 'vitest'
import type { AgentEvent, Run } from '@/api/types'
import { actionDiff } from './actionDiff'
import { mergeTimeline, runsInFilter, withDays } from './timeline'

function anEvent(id: string, ts: string, fields: Partial<AgentEvent> = {}): AgentEvent {
  return { id, ts, type: 'note', level: 'info', projectId: null, runId: null, agentId: null, title: id, message: null, data: null, ...fields } as AgentEvent
}
function aRun(id: string, startedAt: string, finishedAt: string | null = null): Run {
  return { id, startedAt, finishedAt, title: id, agentId: 'a', status: 'running', createdAt: startedAt, updatedAt: startedAt } as Run
}
const at = (minute: number) => `2026-02-11T12:${String(minute).padStart(2, '0')}:00.000000Z`

describe('mergeTimeline', () => {
  const keys = (...args: Parameters<typeof mergeTimeline>) => mergeTimeline(...args).map(entry => entry.key)

  it('puts starts and ends of runs where they belong', () => {
    expect(keys([anEvent('e2', at(30)), anEvent('e1', at(10))], [aRun('r', at(5), at(20))], false))
      .toEqual(['event:e2', 'run:r:finished', 'event:e1', 'run:r:started'])
  })
  it('holds back runs older than what was read of the events', () => {
    expect(keys([anEvent('e2', at(30)), anEvent('e1', at(10))], [aRun('r', at(5), at(20))], true)).not.toContain('run:r:started')
  })
  it('shows runs without any event', () => { expect(keys([], [aRun('r', at(5))], false)).toEqual(['run:r:started']) })
})

it('heads each day once', () => {
  const entries = mergeTimeline([anEvent('c', at(3)), anEvent('b', at(2)), anEvent('a', '2026-02-01T12:00:00Z')], [], false)
  expect(withDays(entries).map(row => row.kind)).toEqual(['day', 'event', 'event', 'day', 'event'])
})

it('leaves runs out where a level or another type is asked for', () => {
  const filter = { q: '', type: '', level: '', agent: '', run: '' }
  const runs = [aRun('r', at(1))]
  expect(runsInFilter(runs, filter)).toHaveLength(1)
  expect(runsInFilter(runs, { ...filter, type: 'run' })).toHaveLength(1)
  expect(runsInFilter(runs, { ...filter, type: 'note' })).toHaveLength(0)
  expect(runsInFilter(runs, { ...filter, level: 'info' })).toHaveLength(0)
})

describe('actionDiff', () => {
  it('names the fields an action changed', () => {
    const data = { before: { progress: 38, tags: ['a'], status: 'paused' }, after: { progress: 45, tags: ['a', 'b'], status: 'paused' } }
    expect(actionDiff(anEvent('x', at(1), { type: 'action.bump_progress', data }))).toEqual([
      { field: 'progress', before: '38', after: '45' },
      { field: 'tags', before: 'a', after: 'a, b' },
    ])
  })
  it.each([null, {}, 'text', { before: 1 }])('takes %j as no change', data => {
    expect(actionDiff(anEvent('x', at(1), { type: 'action.x', data }))).toEqual([])
  })
})
