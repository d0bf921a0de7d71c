import type { AgentEvent, ListEventsFilter, ListRunsFilter, Run } from '../types'
import { searchTest } from './search'

type Wanted = string | readonly string[] | undefined
type EventTest = (event: AgentEvent) => boolean

const compiled = new WeakMap<ListEventsFilter, EventTest>()

/** The server's filter for events, for those that arrive live. Made once for each filter. */
export function eventTest(filter: ListEventsFilter): EventTest {
  const known = compiled.get(filter)
  if (known) return known
  const made = makeEventTest(filter)
  compiled.set(filter, made)
  return made
}

function makeEventTest(filter: ListEventsFilter): EventTest {
  const projects = listOf(filter.projectId)
  const agents = listOf(filter.agentId)
  const levels = listOf(filter.level)
  const types = listOf(filter.type)
  const { runId, since, until, q } = filter
  const found = q ? searchTest(q) : undefined
  return event => any(projects, event.projectId)
    && (!runId || runId === event.runId)
    && any(agents, event.agentId)
    && any(levels, event.level)
    && (types.length === 0 || types.some(type => event.type === type || event.type.startsWith(`${type}.`)))
    && (!since || event.ts >= since)
    && (!until || event.ts <= until)
    && (!found || found(event))
}

export function runMatches(run: Run, filter: ListRunsFilter): boolean {
  return any(listOf(filter.projectId), run.projectId)
    && any(listOf(filter.agentId), run.agentId)
    && any(listOf(filter.status), run.status)
    && (!filter.q || [run.title, run.summary, run.id].join('\n').toLowerCase().includes(filter.q.toLowerCase()))
}

function listOf(wanted: Wanted): readonly string[] {
  if (!wanted) return []
  return typeof wanted === 'string' ? [wanted] : wanted.filter(value => value !== '')
}

function any(wanted: readonly string[], value: string | null | undefined): boolean {
  return wanted.length === 0 || (typeof value === 'string' && wanted.includes(value))
}
