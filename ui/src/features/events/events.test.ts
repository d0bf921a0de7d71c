import { describe, expect, it } from 'vitest'
import type { AgentEvent, Run } from '@/api/types'
import { actionDiff } from './actionDiff'
import { endOfDay, isTimelineFiltered, noFilter, runsInFilter, startOfDay, toEventsFilter } from './filter'
import { makeGroupBuilder } from './groups'
import { typeChoices } from './options'
import { makeRowBuilder, type Rows } from './rows'
import { marksOf } from './timeline'

function anEvent(id: string, ts: string, fields: Partial<AgentEvent> = {}): AgentEvent {
  return { id, ts, type: 'note', level: 'info', projectId: null, runId: null, agentId: null, title: id, message: null, data: null, ...fields } as AgentEvent
}
function aRun(id: string, startedAt: string, finishedAt: string | null = null): Run {
  return { id, startedAt, finishedAt, title: id, agentId: 'a', status: 'running', createdAt: startedAt, updatedAt: startedAt } as Run
}
const at = (minute: number) => `2026-02-11T12:${String(minute).padStart(2, '0')}:00.000000Z`
const keysOf = (rows: Rows) => rows.slice(0, rows.length).filter(row => row.kind !== 'day').map(row => row.key)

describe('rows', () => {
  const build = (chunks: AgentEvent[][], runs: Run[], hasOlder: boolean) => makeRowBuilder()(chunks, marksOf(runs), hasOlder)

  it('put starts and ends of runs where they belong', () => {
    expect(keysOf(build([[anEvent('e2', at(30))], [anEvent('e1', at(10))]], [aRun('r', at(5), at(20))], false)))
      .toEqual(['event:e2', 'run:r:finished', 'event:e1', 'run:r:started'])
  })
  it('hold back runs older than what was read of the events', () => {
    expect(keysOf(build([[anEvent('e2', at(30)), anEvent('e1', at(10))]], [aRun('r', at(5), at(20))], true))).not.toContain('run:r:started')
  })
  it('show runs without any event', () => { expect(keysOf(build([], [aRun('r', at(5))], false))).toEqual(['run:r:started']) })

  it('head each day once, over chunks too', () => {
    const rows = build([[anEvent('c', at(3))], [anEvent('b', at(2)), anEvent('a', '2026-02-01T12:00:00Z')]], [], false)
    expect(rows.slice(0, 9).map(row => row.kind)).toEqual(['day', 'event', 'event', 'day', 'event'])
    expect([rows.length, rows.at(-1), rows.at(5)]).toEqual([5, undefined, undefined])
    expect(rows.indexNear('event:a', 0)).toBe(4)
    expect(rows.indexNear('event:x', 3)).toBe(-1)
  })
  it('are made anew only where something came', () => {
    const builder = makeRowBuilder()
    const [top, older] = [[anEvent('b', at(2))], [anEvent('a', at(1))]]
    const before = builder([top, older], [], false)
    const after = builder([[anEvent('c', at(3)), ...top], older], [], false)
    expect(after.at(3)).toBe(before.at(2))
    expect(after.at(2)).toBe(before.at(1))
  })
})

describe('groups', () => {
  const events = [
    anEvent('d', at(9), { runId: 'r2', level: 'error' }), anEvent('c', at(8)), anEvent('b', at(7), { runId: 'r1' }), anEvent('a', at(6), { runId: 'r2' }),
  ]
  const runs = new Map([['r1', aRun('r1', at(5), at(8))]])

  it('fold events under their runs, newest run first, and the rest under their day', () => {
    const rows = makeGroupBuilder()([events.slice(0, 2), events.slice(2)], runs, new Set(['group:r2']), false)
    expect(keysOf(rows)).toEqual(['group:r2', 'event:d', 'event:a', 'group:r1', 'loose:2026-2-11'])
    expect(rows.at(1)).toMatchObject({ group: { count: 2, errors: 1, newest: at(9), oldest: at(6), isOpen: true } })
  })
  it('say which of them may have more', () => {
    const rows = makeGroupBuilder()([events], runs, new Set(), true)
    expect(rows.slice(0, 9).flatMap(row => row.kind === 'group' ? [[row.key, row.group.isPartial]] : []))
      .toEqual([['group:r2', false], ['group:r1', true], ['loose:2026-2-11', true]])
  })
})

describe('filter', () => {
  it('leaves runs out where a level or another type is asked for', () => {
    const runs = [aRun('r', at(1))]
    expect(runsInFilter(runs, noFilter)).toHaveLength(1)
    expect(runsInFilter(runs, { ...noFilter, type: ['note', 'run'] })).toHaveLength(1)
    expect(runsInFilter(runs, { ...noFilter, type: ['note'] })).toHaveLength(0)
    expect(runsInFilter(runs, { ...noFilter, level: ['info'] })).toHaveLength(0)
    expect(runsInFilter(runs, { ...noFilter, agent: ['b'] })).toHaveLength(0)
  })
  it('asks the server only for what is set', () => {
    expect(toEventsFilter(noFilter, '')).toEqual({})
    expect(toEventsFilter({ ...noFilter, q: ' x ', type: ['note', 'error'] }, 'p')).toEqual({ projectId: 'p', q: 'x', type: ['note', 'error'] })
    expect([isTimelineFiltered(noFilter), isTimelineFiltered({ ...noFilter, to: '2026-02-11' })]).toEqual([false, true])
  })
  it('takes days of the reader, whole', () => {
    const [from, to] = [startOfDay('2026-02-11'), endOfDay('2026-02-11')]
    expect([from.length, to.length]).toEqual([27, 27])
    expect(Date.parse(to) - Date.parse(from)).toBe(86_399_999)
    expect(new Date(from).getHours()).toBe(0)
    expect([startOfDay(''), endOfDay('nonsense')]).toEqual(['', ''])
  })
  it('counts actions as one type, and offers what is chosen though nothing has it', () => {
    const facets = { types: [{ value: 'action.set_status', count: 2 }, { value: 'note', count: 9 }, { value: 'action', count: 3 }], levels: [], agents: [], projects: [], counted: 14, complete: true }
    expect(typeChoices(facets, ['odd'])).toEqual(expect.arrayContaining([{ value: 'note', count: 9 }, { value: 'action', count: 5 }, { value: 'odd', count: 0 }]))
    expect(typeChoices(undefined, [])[0]).toEqual({ value: 'note', count: undefined })
  })
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
