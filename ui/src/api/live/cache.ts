import type { QueryClient } from '@tanstack/vue-query'
import { keys } from '../queries/keys'
import type { AgentEvent, ListEventsFilter, ListRunsFilter, LiveChange, Project, Run } from '../types'
import { touchFigures } from './figures'
import { addLive, type EventLog, MOST_EVENTS } from './eventLog'
import { eventTest, runMatches } from './match'
import { dropFromPages, newer, type Pages, putIntoPages } from './pages'

export function putProject(client: QueryClient, project: Project) {
  putProjects(client, [project])
}

/** Known projects keep their place in the list; new ones come last, as in the manual order. */
export function putProjects(client: QueryClient, projects: readonly Project[]) {
  for (const project of projects) {
    client.setQueryData<Project>(keys.project(project.id), known => known ? newer(known, project) : project)
  }
  const arrived = new Map(projects.map(project => [project.id, project]))
  client.setQueryData<Project[]>(keys.projects, list => {
    if (!list) return undefined
    const kept = list.map(known => newer(known, arrived.get(known.id)))
    for (const known of list) arrived.delete(known.id)
    return arrived.size > 0 ? [...kept, ...arrived.values()] : kept
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
    else if (change.kind === 'profile') applyListed(client, keys.profiles, change)
    else if (change.kind === 'capability') applyListed(client, keys.capabilities, change)
    else if (change.kind === 'order') void client.invalidateQueries({ queryKey: keys.projects })
  }
  if (events.length > 0) putEvents(client, events)
  if (changes.length > 0) touchFigures(client)
}

function applyProject(client: QueryClient, change: LiveChange) {
  if (change.op === 'deleted') return dropProject(client, change.id)
  if (change.document) return putProject(client, change.document as Project)
  void client.invalidateQueries({ queryKey: keys.project(change.id) })
  void client.invalidateQueries({ queryKey: keys.projects })
}

export interface Listed { id: string, updatedAt: string }

/** For lists that are read whole, and shown in an order of the reader's own. */
export function putListed<T extends Listed>(client: QueryClient, key: readonly string[], record: T) {
  client.setQueryData<T[]>(key, list => list && (list.some(known => known.id === record.id)
    ? list.map(known => known.id === record.id ? newer(known, record) : known)
    : [record, ...list]))
}

export function dropListed(client: QueryClient, key: readonly string[], id: string) {
  client.setQueryData<Listed[]>(key, list => list?.filter(record => record.id !== id))
}

function applyListed(client: QueryClient, key: readonly string[], change: LiveChange) {
  if (change.op === 'deleted') dropListed(client, key, change.id)
  else if (change.document) putListed(client, key, change.document as Listed)
  else void client.invalidateQueries({ queryKey: key })
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

/** A list that nobody looks at keeps enough to be shown again at once. */
const MOST_UNSEEN = 1000

function putEvents(client: QueryClient, events: readonly AgentEvent[]) {
  for (const query of client.getQueryCache().findAll({ queryKey: ['events'] })) {
    const log = query.state.data as EventLog | undefined
    if (!log) continue
    const filter = query.queryKey[1] as ListEventsFilter
    const next = addLive(log, events.filter(eventTest(filter)), query.isActive() ? filter.limit ?? MOST_EVENTS : MOST_UNSEEN)
    if (next !== log) client.setQueryData(query.queryKey, next)
  }
}
