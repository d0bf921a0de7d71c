import type { QueryClient } from '@tanstack/vue-query'
import { keys } from '../queries/keys'
import type { AgentEvent, ListEventsFilter, ListRunsFilter, LiveChange, Project, Run } from '../types'
import { eventMatches, runMatches } from './match'
import { dropFromPages, newer, type Pages, putIntoPages } from './pages'

export function putProject(client: QueryClient, project: Project) {
  client.setQueryData<Project>(keys.project(project.id), known => known ? newer(known, project) : project)
  client.setQueryData<Project[]>(keys.projects, list => {
    if (!list) return undefined
    const known = list.some(other => other.id === project.id)
    return known ? list.map(other => other.id === project.id ? newer(other, project) : other) : [...list, project]
  })
}

export function dropProject(client: QueryClient, id: string) {
  client.setQueryData<Project[]>(keys.projects, list => list?.filter(project => project.id !== id))
  void client.invalidateQueries({ queryKey: keys.project(id) })
}

/** Writes a frame's worth of changes into every query they belong to. */
export function applyChanges(client: QueryClient, changes: readonly LiveChange[]) {
  const events: AgentEvent[] = []
  for (const change of changes) {
    if (change.kind === 'event' && change.document) events.push(change.document as AgentEvent)
    else if (change.kind === 'run') applyRun(client, change)
    else if (change.kind === 'project') applyProject(client, change)
    else if (change.kind === 'order') void client.invalidateQueries({ queryKey: keys.projects })
  }
  if (events.length > 0) putEvents(client, events)
}

function applyProject(client: QueryClient, change: LiveChange) {
  if (change.op === 'deleted') return dropProject(client, change.id)
  if (change.document) return putProject(client, change.document as Project)
  void client.invalidateQueries({ queryKey: keys.project(change.id) })
  void client.invalidateQueries({ queryKey: keys.projects })
}

function applyRun(client: QueryClient, change: LiveChange) {
  if (!change.document) return void client.invalidateQueries({ queryKey: ['runs'] })
  const run = change.document as Run
  client.setQueryData<Run>(keys.run(run.id), known => known ? newer(known, run) : undefined)
  for (const [key, data] of client.getQueriesData<Pages<Run>>({ queryKey: ['runs'] })) {
    if (!data) continue
    const fits = runMatches(run, key[1] as ListRunsFilter)
    client.setQueryData(key, fits ? putIntoPages(data, [run]) : dropFromPages(data, run.id))
  }
}

function putEvents(client: QueryClient, events: readonly AgentEvent[]) {
  for (const [key, data] of client.getQueriesData<Pages<AgentEvent>>({ queryKey: ['events'] })) {
    const fitting = data && events.filter(event => eventMatches(event, key[1] as ListEventsFilter))
    if (fitting?.length) client.setQueryData(key, putIntoPages(data!, fitting))
  }
}
