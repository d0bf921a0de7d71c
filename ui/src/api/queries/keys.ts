import type { ListEventsFilter, ListRunsFilter } from '../types'

/** Every cache key, so that the live stream finds what it must change. */
export const keys = {
  session: ['session'] as const,
  connection: ['connection'] as const,
  meta: ['meta'] as const,
  projects: ['projects'] as const,
  project: (id: string) => ['project', id] as const,
  runs: (filter: ListRunsFilter) => ['runs', filter] as const,
  run: (id: string) => ['run', id] as const,
  events: (filter: ListEventsFilter) => ['events', filter] as const,
  event: (id: string) => ['event', id] as const,
}
