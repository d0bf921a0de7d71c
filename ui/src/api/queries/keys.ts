import type { ListEventsFilter, ListRunsFilter } from '../types'

/** Every cache key, so that the live stream finds what it must change. */
export const keys = {
  session: ['session'] as const,
  connection: ['connection'] as const,
  meta: ['meta'] as const,
  users: ['users'] as const,
  agentKeys: ['agentKeys'] as const,
  /** Those of one person: the next to sign in here is somebody else. */
  sessions: (owner: string) => ['sessions', owner] as const,
  preferences: (owner: string) => ['preferences', owner] as const,
  projects: ['projects'] as const,
  project: (id: string) => ['project', id] as const,
  runs: (filter: ListRunsFilter) => ['runs', filter] as const,
  run: (id: string) => ['run', id] as const,
  events: (filter: ListEventsFilter) => ['events', filter] as const,
  /** Sums and counts: read again, a while after anything changed. */
  figures: (name: string, args: object = {}) => ['figures', name, args] as const,
  olderEvents: (filter: ListEventsFilter, seam: string) => ['olderEvents', filter, seam] as const,
  admin: (...parts: string[]) => ['admin', ...parts] as const,
  event: (id: string) => ['event', id] as const,
  profiles: ['profiles'] as const,
  capabilities: ['capabilities'] as const,
  lastSeen: (agentId: string) => ['lastSeen', agentId] as const,
}
