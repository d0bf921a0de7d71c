import type { paths } from '@/api/schema.gen'
import { toApiError } from './errors'
import { httpFiles } from './httpFiles'
import { openEventStream, renewEventStreams } from './eventStream'
import type { Answer, CommandName, Commands, ConnectionInfo, SessionData, Transport } from './types'

interface Route { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: keyof paths }

/** Checked against the generated description: a path that is gone does not compile. */
const routes = {
  list_projects: { method: 'GET', path: '/api/projects' },
  get_project: { method: 'GET', path: '/api/projects/{id}' },
  create_project: { method: 'POST', path: '/api/projects' },
  update_project: { method: 'PATCH', path: '/api/projects/{id}' },
  delete_project: { method: 'DELETE', path: '/api/projects/{id}' },
  reorder_projects: { method: 'POST', path: '/api/projects/reorder' },
  batch_projects: { method: 'POST', path: '/api/projects/batch' },
  list_runs: { method: 'GET', path: '/api/agent/runs' },
  get_run: { method: 'GET', path: '/api/agent/runs/{id}' },
  get_run_facets: { method: 'GET', path: '/api/agent/runs/facets' },
  get_run_figures: { method: 'GET', path: '/api/stats/runs' },
  list_events: { method: 'GET', path: '/api/agent/events' },
  get_event: { method: 'GET', path: '/api/agent/events/{id}' },
  get_event_facets: { method: 'GET', path: '/api/agent/events/facets' },
  list_usage: { method: 'GET', path: '/api/agent/usage' },
  get_token_stats: { method: 'GET', path: '/api/stats/tokens' },
  get_token_series: { method: 'GET', path: '/api/stats/tokens/series' },
  get_overview: { method: 'GET', path: '/api/stats/overview' },
  list_profiles: { method: 'GET', path: '/api/agent/profiles' },
  get_profile: { method: 'GET', path: '/api/agent/profiles/{id}' },
  create_profile: { method: 'POST', path: '/api/agent/profiles' },
  update_profile: { method: 'PATCH', path: '/api/agent/profiles/{id}' },
  delete_profile: { method: 'DELETE', path: '/api/agent/profiles/{id}' },
  list_capabilities: { method: 'GET', path: '/api/agent/capabilities' },
  get_capability: { method: 'GET', path: '/api/agent/capabilities/{id}' },
  create_capability: { method: 'POST', path: '/api/agent/capabilities' },
  update_capability: { method: 'PATCH', path: '/api/agent/capabilities/{id}' },
  delete_capability: { method: 'DELETE', path: '/api/agent/capabilities/{id}' },
  get_meta: { method: 'GET', path: '/api/meta' },
  get_preferences: { method: 'GET', path: '/api/auth/preferences' },
  set_preferences: { method: 'PUT', path: '/api/auth/preferences' },
  list_sessions: { method: 'GET', path: '/api/auth/sessions' },
  end_session: { method: 'DELETE', path: '/api/auth/sessions/{id}' },
  list_users: { method: 'GET', path: '/api/users' },
  create_user: { method: 'POST', path: '/api/users' },
  update_user: { method: 'PATCH', path: '/api/users/{id}' },
  reset_user_password: { method: 'POST', path: '/api/users/{id}/password' },
  list_agent_keys: { method: 'GET', path: '/api/agent-keys' },
  create_agent_key: { method: 'POST', path: '/api/agent-keys' },
  revoke_agent_key: { method: 'DELETE', path: '/api/agent-keys/{id}' },
  get_database_figures: { method: 'GET', path: '/api/admin/database' },
  check_integrity: { method: 'POST', path: '/api/admin/integrity' },
  list_backups: { method: 'GET', path: '/api/admin/backups' },
  inspect_stored_backup: { method: 'POST', path: '/api/admin/backups/{name}/inspect' },
  restore_stored_backup: { method: 'POST', path: '/api/admin/backups/{name}/restore' },
  get_restore_progress: { method: 'GET', path: '/api/admin/restore' },
  start_deploy: { method: 'POST', path: '/api/admin/deploy' },
  get_deploy_status: { method: 'GET', path: '/api/admin/deploy/status' },
  get_deploy_log: { method: 'GET', path: '/api/admin/deploy/log' },
} satisfies Record<CommandName, Route>

interface LooseArgs { id?: string, filter?: object, body?: object, ids?: string[] }

/** The URL and request for a command. Exported for its test. */
export function requestFor(command: CommandName, args: LooseArgs): { url: string, init: RequestInit } {
  const route: Route = routes[command]
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(args.filter ?? {})) {
    for (const one of [value as unknown].flat()) {
      if (one !== undefined && one !== '') query.append(name, String(one))
    }
  }
  const path = route.path.replace(/\{\w+\}/, encodeURIComponent(args.id ?? ''))
  const search = query.size > 0 ? `?${query}` : ''
  const body = args.body ?? (args.ids ? { ids: args.ids } : undefined)
  return { url: path + search, init: withAdminToken(path, requestInit(route.method, body)) }
}

function requestInit(method: string, body?: object): RequestInit {
  if (!body) return { method }
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}

/** In memory only: a reload forgets it. */
let adminToken: string | undefined

function withAdminToken(path: string, init: RequestInit): RequestInit {
  if (!adminToken || !path.startsWith('/api/admin/')) return init
  return { ...init, headers: { ...init.headers, 'X-PM-Token': adminToken } }
}

async function send<T>(url: string, init: RequestInit): Promise<Answer<T>> {
  let response: Response
  try { response = await fetch(url, { ...init, credentials: 'same-origin' }) }
  catch { throw toApiError(undefined, 0) }
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok && body !== undefined) return body as Answer<T>
  // A development proxy answers for a server that is gone.
  throw toApiError(body, body === undefined && response.status >= 500 ? 0 : response.status)
}

function call<C extends CommandName>(command: C, args: Commands[C]['args']): Promise<Answer<Commands[C]['data']>> {
  const { url, init } = requestFor(command, args as LooseArgs)
  return send(url, init)
}

async function connectionInfo(): Promise<ConnectionInfo> {
  const { data: meta } = await call('get_meta', {})
  return {
    address: window.location.origin,
    port: Number(window.location.port) || (window.location.protocol === 'https:' ? 443 : 80),
    openMode: meta.auth.openMode ?? !meta.auth.agentTokenRequired,
    agentTokenRequired: meta.auth.agentTokenRequired,
    databaseFile: null,
    version: meta.version ?? null,
  }
}

export const httpTransport: Transport = {
  kind: 'browser',
  session: {
    login: async (username, password) =>
      (await send<SessionData>('/api/auth/login', requestInit('POST', { username, password }))).data,
    me: async () => (await send<SessionData>('/api/auth/me', { method: 'GET' })).data,
    logout: async () => { await send('/api/auth/logout', requestInit('POST', {})) },
    async changePassword(currentPassword, newPassword) {
      const { data } = await send<SessionData>('/api/auth/password', requestInit('POST', { currentPassword, newPassword }))
      renewEventStreams()
      return data
    },
  },
  call,
  callAndLeave(command, args) {
    const { url, init } = requestFor(command, args as LooseArgs)
    void fetch(url, { ...init, credentials: 'same-origin', keepalive: true }).catch(() => undefined)
  },
  connectionInfo,
  openLive: openEventStream,
  admin: {
    has: () => adminToken !== undefined,
    set(token) { adminToken = token?.trim() || undefined },
  },
  files: httpFiles(() => adminToken),
  openExternal(url) { window.open(url, '_blank', 'noopener,noreferrer') },
}
