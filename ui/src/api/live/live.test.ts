import { QueryClient } from '@tanstack/vue-query'
import { describe, expect, it } from 'vitest'
import { keys } from '../queries/keys'
import type { AgentEvent, LiveChange, Project, Run } from '../types'
import { applyChanges } from './cache'
import { eventMatches } from './match'
import { dropFromPages, putIntoPages } from './pages'

const pagesOf = <T>(...pages: T[][]) => ({ pages: pages.map(data => ({ success: true, data, total: 9 })), pageParams: pages.map(() => undefined) })
const idsOf = (data: { pages: { data: { id: string }[] }[] } | undefined) => data?.pages.map(page => page.data.map(row => row.id).join(''))

describe('pages', () => {
  it('put new records on top, the last to come first, and replace known ones in place', () => {
    const data = pagesOf([{ id: 'b', v: 1 }], [{ id: 'a', v: 1 }])
    const next = putIntoPages(data, [{ id: 'a', v: 2 }, { id: 'c', v: 1 }, { id: 'd', v: 1 }])
    expect(idsOf(next)).toEqual(['dcb', 'a'])
    expect(next.pages[1]?.data[0]?.v).toBe(2)
    expect(next.pages[0]?.total).toBe(11)
  })
  it('keep the newer of two versions', () => {
    const data = pagesOf([{ id: 'a', updatedAt: '2' }])
    expect(putIntoPages(data, [{ id: 'a', updatedAt: '1' }]).pages[0]?.data[0]?.updatedAt).toBe('2')
  })
  it('stay the same object when nothing is dropped', () => {
    const data = pagesOf([{ id: 'a' }])
    expect(dropFromPages(data, 'x')).toBe(data)
  })
})

describe('eventMatches', () => {
  const event = { id: 'e', type: 'action.set_status', level: 'info', projectId: 'p', runId: null, agentId: 'a', title: 'Moved On', message: null } as AgentEvent
  it.each([
    [{ projectId: 'p' }, true], [{ projectId: 'q' }, false], [{ type: 'action' }, true], [{ type: 'act' }, false],
    [{ q: 'moved' }, true], [{ q: 'gone' }, false], [{ level: '', agentId: '' }, true], [{ runId: 'r' }, false],
  ])('%j: %s', (filter, matches) => { expect(eventMatches(event, filter)).toBe(matches) })
})

describe('applyChanges', () => {
  const change = (fields: Partial<LiveChange>): LiveChange =>
    ({ kind: 'project', op: 'updated', id: 'p', projectId: null, runId: null, document: null, ...fields })

  it('writes projects into the list and the record, and drops deleted ones', () => {
    const client = new QueryClient()
    client.setQueryData(keys.projects, [{ id: 'p', name: 'old', updatedAt: '1' }])
    applyChanges(client, [
      change({ document: { id: 'p', name: 'new', updatedAt: '2' } }),
      change({ op: 'created', id: 'q', document: { id: 'q', name: 'q', updatedAt: '1' } }),
    ])
    expect(client.getQueryData<Project[]>(keys.projects)?.map(p => p.name)).toEqual(['new', 'q'])
    applyChanges(client, [change({ op: 'deleted', id: 'p' })])
    expect(client.getQueryData<Project[]>(keys.projects)?.map(p => p.id)).toEqual(['q'])
  })

  it('moves a run out of a list it no longer belongs to', () => {
    const client = new QueryClient()
    const running = keys.runs({ status: 'running' })
    client.setQueryData(running, pagesOf([{ id: 'r', status: 'running', updatedAt: '1' }]))
    applyChanges(client, [change({ kind: 'run', id: 'r', document: { id: 'r', status: 'completed', updatedAt: '2' } as Run })])
    expect(idsOf(client.getQueryData(running))).toEqual([''])
  })

  it('puts an event only where its filter fits', () => {
    const client = new QueryClient()
    client.setQueryData(keys.events({ projectId: 'p' }), pagesOf([{ id: 'a' }]))
    client.setQueryData(keys.events({ projectId: 'q' }), pagesOf([{ id: 'b' }]))
    applyChanges(client, [change({ kind: 'event', op: 'created', id: 'n', document: { id: 'n', projectId: 'p', type: 'note' } })])
    expect(idsOf(client.getQueryData(keys.events({ projectId: 'p' })))).toEqual(['na'])
    expect(idsOf(client.getQueryData(keys.events({ projectId: 'q' })))).toEqual(['b'])
  })
})
