import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { describe, expect, it } from 'vitest'
import { createApp } from 'vue'
import type { LiveHandlers, Transport } from '@/transport'
import { transportKey } from '../client'
import { keys } from '../queries/keys'
import type { AgentEvent, LiveChange, Project, Run } from '../types'
import { applyChanges } from './cache'
import { type EventLog, logOf } from './eventLog'
import { eventTest } from './match'
import { dropFromPages, putIntoPages } from './pages'
import { useLive } from './useLive'

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

describe('eventTest', () => {
  const event = { id: 'e', type: 'action.set_status', level: 'info', projectId: 'p', runId: null, agentId: 'a', title: 'Moved On', message: null } as AgentEvent
  it.each([
    [{ projectId: 'p' }, true], [{ projectId: 'q' }, false], [{ type: 'action' }, true], [{ type: 'act' }, false],
    [{ q: 'moved' }, true], [{ q: 'gone' }, false], [{ level: '', agentId: '' }, true], [{ runId: 'r' }, false],
    [{ projectId: ['q', 'p'] }, true], [{ type: ['note', 'action'], level: ['error'] }, false], [{ projectId: [] }, true],
    [{ q: 'mov on' }, true], [{ q: 'oved' }, false],
  ])('%j: %s', (filter, matches) => { expect(eventTest(filter)(event)).toBe(matches) })
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
    for (const projectId of ['p', 'q']) client.setQueryData(keys.events({ projectId }), logOf({ success: true, data: [] }))
    applyChanges(client, [change({ kind: 'event', op: 'created', id: 'n', document: { id: 'n', ts: '1', projectId: 'p', type: 'note' } })])
    expect(client.getQueryData<EventLog>(keys.events({ projectId: 'p' }))?.chunks.flat().map(event => event.id)).toEqual(['n'])
    expect(client.getQueryData<EventLog>(keys.events({ projectId: 'q' }))?.size).toBe(0)
  })
})

describe('useLive', () => {
  const change = (fields: Partial<LiveChange>): LiveChange =>
    ({ kind: 'project', op: 'updated', id: 'p', projectId: null, runId: null, document: null, ...fields })
  const frame = () => new Promise(done => { requestAnimationFrame(done) })

  function open() {
    const client = new QueryClient()
    let handlers: LiveHandlers | undefined
    const transport = { openLive: (given: LiveHandlers) => { handlers = given; return () => undefined } } as unknown as Transport
    const app = createApp({ setup() { useLive(); return () => null } })
    app.use(VueQueryPlugin, { queryClient: client }).provide(transportKey, transport).mount(document.createElement('div'))
    return { client, say: (fields: Partial<LiveChange>) => handlers!.onChange(change(fields)), close: () => app.unmount() }
  }

  /** An answer that was read at the server before what is said meanwhile. */
  async function readWhile(client: QueryClient, answer: Project[], meanwhile: () => void) {
    let arrive: (list: Project[]) => void = () => undefined
    const reading = client.fetchQuery({ queryKey: keys.projects, queryFn: () => new Promise<Project[]>(done => { arrive = done }) })
    meanwhile()
    await frame()
    arrive(answer)
    await reading
    await frame()
    return client.getQueryData<Project[]>(keys.projects)?.map(p => p.name)
  }
  const list = [{ id: 'p', name: 'old', updatedAt: '1' }, { id: 'q', name: 'other', updatedAt: '1' }] as Project[]

  it('drops what was deleted while an older answer was on its way', async () => {
    const { client, say, close } = open()
    expect(await readWhile(client, list, () => say({ op: 'deleted' }))).toEqual(['other'])
    close()
  })

  it('keeps a change that came while an older answer was on its way', async () => {
    const { client, say, close } = open()
    expect(await readWhile(client, list, () => say({ document: { id: 'p', name: 'new', updatedAt: '2' } }))).toEqual(['new', 'other'])
    close()
  })

  it('shows what was made again after it was deleted', async () => {
    const { client, say, close } = open()
    const again = { id: 'p', name: 'again', updatedAt: '3' }
    expect(await readWhile(client, list, () => { say({ op: 'deleted' }); say({ op: 'created', document: again }) })).toEqual(['other', 'again'])
    close()
  })

  it('lets an answer stand that was asked for after the change', async () => {
    const { client, say, close } = open()
    say({ op: 'deleted' })
    await frame()
    expect(await readWhile(client, list, () => undefined)).toEqual(['old', 'other'])
    close()
  })
})
