import type { components } from '@/api/schema.gen'

type Schemas = components['schemas']

export interface ListProjectsFilter { status?: string, priority?: string, category?: string, tag?: string, q?: string }
export interface ListRunsFilter { projectId?: string, agentId?: string, status?: string, limit?: number, cursor?: string }
export interface ListEventsFilter {
  projectId?: string, runId?: string, agentId?: string, type?: string, level?: string, q?: string, limit?: number, before?: string
}

/** What an answer carries beside `data`. */
export interface Answer<T> {
  success: boolean
  data: T
  total?: number
  hasMore?: boolean
  /** Events: the page of older ones starts here. */
  cursor?: string | null
  /** Other lists: the next page. */
  nextCursor?: string | null
}

export type SessionData = Schemas['SessionData']

export interface ConnectionInfo {
  address: string
  port: number
  openMode: boolean
  agentTokenRequired: boolean
  databaseFile: string | null
  /** Why the window's listener could not start; then no agent can report. */
  listenerError?: string | null
  version: string | null
}

/** Every call there is, by the name that both doors use. */
export interface Commands {
  list_projects: { args: { filter: ListProjectsFilter }, data: Schemas['Project'][] }
  get_project: { args: { id: string }, data: Schemas['Project'] }
  create_project: { args: { body: Record<string, unknown> }, data: Schemas['Project'] }
  update_project: { args: { id: string, body: Record<string, unknown> }, data: Schemas['Project'] }
  delete_project: { args: { id: string }, data: unknown }
  reorder_projects: { args: { ids: string[] }, data: Schemas['Project'][] }
  list_runs: { args: { filter: ListRunsFilter }, data: Schemas['Run'][] }
  get_run: { args: { id: string }, data: Schemas['Run'] }
  list_events: { args: { filter: ListEventsFilter }, data: Schemas['Event'][] }
  get_event: { args: { id: string }, data: Schemas['Event'] }
  get_meta: { args: Record<string, never>, data: Schemas['Meta'] }
}
export type CommandName = keyof Commands

export interface LiveChange {
  kind: 'project' | 'run' | 'event' | 'profile' | 'capability' | 'usage' | 'order'
  op: 'created' | 'updated' | 'deleted'
  id: string
  projectId: string | null
  runId: string | null
  document: unknown
}

export type LiveState = 'connecting' | 'live' | 'lost'

export interface LiveHandlers {
  onChange: (change: LiveChange) => void
  /** The server cannot tell what was missed: read everything again. */
  onReset: () => void
  onState: (state: LiveState) => void
  /** The stream was refused: the session may have ended. */
  onRefused: () => void
}

/** Signing in exists in browsers only; the window is the owner of the file. */
export interface SessionDoor {
  login: (username: string, password: string) => Promise<SessionData>
  me: () => Promise<SessionData>
  logout: () => Promise<void>
  /** Every other session of this person ends. */
  changePassword: (currentPassword: string, newPassword: string) => Promise<SessionData>
}

export interface Transport {
  kind: 'browser' | 'desktop'
  session: SessionDoor | null
  call: <C extends CommandName>(command: C, args: Commands[C]['args']) => Promise<Answer<Commands[C]['data']>>
  /** For the moment the page goes away: the call must outlive it. */
  callAndLeave: <C extends CommandName>(command: C, args: Commands[C]['args']) => void
  connectionInfo: () => Promise<ConnectionInfo>
  openLive: (handlers: LiveHandlers) => () => void
  openExternal: (url: string) => void
}
