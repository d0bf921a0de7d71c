import type { components } from '@/api/schema.gen'

type Schemas = components['schemas']

/** A filter value may repeat: any of them fits. */
export type OneOrMany = string | readonly string[]

export interface ListProjectsFilter { status?: string, priority?: string, category?: string, tag?: string, q?: string }
export interface ListRunsFilter {
  projectId?: OneOrMany, agentId?: OneOrMany, status?: OneOrMany, q?: string, since?: string, order?: 'asc' | 'desc', limit?: number, cursor?: string
}
export interface ListEventsFilter {
  projectId?: OneOrMany, runId?: string, agentId?: OneOrMany, type?: OneOrMany, level?: OneOrMany, q?: string, since?: string, until?: string
  order?: 'asc' | 'desc', limit?: number, before?: string
}
export interface UsageFilter {
  projectId?: string, agentId?: string, workspace?: string, source?: string, model?: string, runId?: string, since?: string, until?: string, tz?: string
}
export interface ListUsageFilter extends UsageFilter { limit?: number, cursor?: string }
export type UsageKey = 'model' | 'project' | 'agent' | 'workspace' | 'source'

/** What an answer carries beside `data`. */
export interface Answer<T> {
  success: boolean
  data: T
  total?: number
  hasMore?: boolean
  /** Whether a POST made the record; false: its id was known, and `data` is the stored one. */
  created?: boolean
  /** Events: the page of older ones starts here. */
  cursor?: string | null
  /** Other lists: the next page. */
  nextCursor?: string | null
}

export type SessionData = Schemas['SessionData']
export type RestoreReport = Schemas['RestoreReport']
export type RestoreData = Schemas['RestoreData']

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
  batch_projects: { args: { body: Record<string, unknown> }, data: BatchData }
  list_runs: { args: { filter: ListRunsFilter }, data: Schemas['Run'][] }
  get_run: { args: { id: string }, data: Schemas['Run'] }
  get_run_facets: { args: { filter: ListRunsFilter }, data: Schemas['RunFacets'] }
  get_run_figures: { args: { filter: { ids: readonly string[] } }, data: Schemas['RunFigures'][] }
  list_events: { args: { filter: ListEventsFilter }, data: Schemas['Event'][] }
  get_event: { args: { id: string }, data: Schemas['Event'] }
  get_event_facets: { args: { filter: ListEventsFilter }, data: Schemas['EventFacets'] }
  list_usage: { args: { filter: ListUsageFilter }, data: Schemas['UsageRecord'][] }
  get_token_stats: { args: { filter: UsageFilter }, data: Schemas['TokenStats'] }
  get_token_series: { args: { filter: UsageFilter & { by: UsageKey } }, data: Schemas['TokenSeriesRow'][] }
  get_overview: { args: { filter: { tz?: string } }, data: Schemas['Overview'] }
  list_profiles: { args: { filter: EnabledFilter }, data: Schemas['Profile'][] }
  get_profile: { args: { id: string }, data: Schemas['Profile'] }
  create_profile: { args: { body: Record<string, unknown> }, data: Schemas['Profile'] }
  update_profile: { args: { id: string, body: Record<string, unknown> }, data: Schemas['Profile'] }
  delete_profile: { args: { id: string }, data: unknown }
  list_capabilities: { args: { filter: EnabledFilter }, data: Schemas['Capability'][] }
  get_capability: { args: { id: string }, data: Schemas['Capability'] }
  create_capability: { args: { body: Record<string, unknown> }, data: Schemas['Capability'] }
  update_capability: { args: { id: string, body: Record<string, unknown> }, data: Schemas['Capability'] }
  delete_capability: { args: { id: string }, data: unknown }
  get_meta: { args: Record<string, never>, data: Schemas['Meta'] }
  get_preferences: { args: Record<string, never>, data: Record<string, unknown> }
  set_preferences: { args: { body: Record<string, unknown> }, data: Record<string, unknown> }
  list_sessions: { args: Record<string, never>, data: Schemas['SessionEntry'][] }
  end_session: { args: { id: string }, data: unknown }
  list_users: { args: Record<string, never>, data: Schemas['UserEntry'][] }
  create_user: { args: { body: Record<string, unknown> }, data: Schemas['UserEntry'] }
  update_user: { args: { id: string, body: Record<string, unknown> }, data: Schemas['UserEntry'] }
  reset_user_password: { args: { id: string, body: { password: string } }, data: unknown }
  list_agent_keys: { args: Record<string, never>, data: Schemas['AgentKey'][] }
  create_agent_key: { args: { body: Record<string, unknown> }, data: Schemas['NewAgentKey'] }
  revoke_agent_key: { args: { id: string }, data: unknown }
  get_database_figures: { args: Record<string, never>, data: Schemas['DatabaseFigures'] }
  check_integrity: { args: Record<string, never>, data: Schemas['IntegrityReport'] }
  list_backups: { args: Record<string, never>, data: Schemas['BackupEntry'][] }
  inspect_stored_backup: { args: { id: string }, data: RestoreReport }
  restore_stored_backup: { args: { id: string }, data: RestoreData }
  get_restore_progress: { args: Record<string, never>, data: Schemas['RestoreProgress'] }
  start_deploy: { args: Record<string, never>, data: unknown }
  get_deploy_status: { args: Record<string, never>, data: Schemas['DeployStatusData'] }
  get_deploy_log: { args: Record<string, never>, data: Schemas['DeployLog'] }
}
export type CommandName = keyof Commands

export interface EnabledFilter { enabled?: boolean, limit?: number }
export type BatchData = Schemas['DataBody_BatchData_Project']['data']

/** How far a file has come, in bytes. `total` is 0 while unknown. */
export type Progress = (done: number, total: number) => void
export interface SavedFile { fileName: string }

/** Files go through the browser's own download and upload, or through native dialogs that the window's core opens. */
export interface FilesDoor {
  /** True: the page chooses a `File`. False: the core opens a native dialog, and the page never sees a path. */
  readonly picksInPage: boolean
  /** Undefined: the reader closed the dialog. So it is below. */
  saveBackup: (progress: Progress) => Promise<SavedFile | undefined>
  saveStoredBackup: (name: string, progress: Progress) => Promise<SavedFile | undefined>
  saveUsage: (filter: UsageFilter) => Promise<SavedFile | undefined>
  /** Tells what a backup holds; nothing is replaced. `file` only where `picksInPage`. */
  inspectBackup: (file: File | undefined, progress: Progress) => Promise<RestoreReport | undefined>
  /** Restores the file that was inspected last. */
  restoreBackup: (file: File | undefined, progress: Progress) => Promise<RestoreData | undefined>
}

/** Admin calls from a browser carry a token, kept in memory only; the window is the owner of the file. */
export interface AdminDoor {
  has: () => boolean
  set: (token: string | undefined) => void
}

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
  files: FilesDoor
  /** Null where no token is needed. */
  admin: AdminDoor | null
}
