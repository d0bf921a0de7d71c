import type { AgentEvent, ListEventsFilter, ListRunsFilter, Run } from '../types'

/** The server's filter for events, for those that arrive live. */
export function eventMatches(event: AgentEvent, filter: ListEventsFilter): boolean {
  return same(filter.projectId, event.projectId)
    && same(filter.runId, event.runId)
    && same(filter.agentId, event.agentId)
    && same(filter.level, event.level)
    && (!filter.type || event.type === filter.type || event.type.startsWith(`${filter.type}.`))
    && (!filter.q || textOf(event).includes(filter.q.toLowerCase()))
}

export function runMatches(run: Run, filter: ListRunsFilter): boolean {
  return same(filter.projectId, run.projectId)
    && same(filter.agentId, run.agentId)
    && same(filter.status, run.status)
}

function same(wanted: string | undefined, value: string | null | undefined): boolean {
  return !wanted || wanted === value
}

function textOf(event: AgentEvent): string {
  return [event.title, event.message, event.type, event.agentId].filter(Boolean).join('\n').toLowerCase()
}
