import type { paths } from '@/api/schema.gen'
import { toApiError } from './errors'
import { openEventStream, renewEventStreams } from './eventStream'
import type { Answer, CommandName, Commands, ConnectionInfo, SessionData, Transport } from './types'

interface Route { method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: keyof paths }

/** Checked against the generated description: a path that is gone does not compile. */
const routes = {
  list_projects: { method: 'GET', path: '/api/projects' },
  get_project: { method: 'GET', path: '/api/projects/{id}' },
  create_project: { method: 'POST', path: '/api/projects' },
  update_project: { method: 'PATCH', path: '/api/projects/{id}' },
  delete_project: { method: 'DELETE', path: '/api/projects/{id}' },
  reorder_projects: { method: 'POST', path: '/api/projects/reorder' },
  list_runs: { method: 'GET', path: '/api/agent/runs' },
  get_run: { method: 'GET', path: '/api/agent/runs/{id}' },
  list_events: { method: 'GET', path: '/api/agent/events' },
  get_event: { method: 'GET', path: '/api/agent/events/{id}' },
  get_meta: { method: 'GET', path: '/api/meta' },
} satisfies Record<CommandName, Route>

interface LooseArgs { id?: string, filter?: object, body?: object, ids?: string[] }

/** The URL and request for a command. Exported for its test. */
export function requestFor(command: CommandName, args: LooseArgs): { url: string, init: RequestInit } {
  const route: Route = routes[command]
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(args.filter ?? {})) {
    if (value !== undefined && value !== '') query.set(name, String(value))
  }
  const path = route.path.replace('{id}', encodeURIComponent(args.id ?? ''))
  const search = query.size > 0 ? `?${query}` : ''
  const body = args.body ?? (args.ids ? { ids: args.ids } : undefined)
  return { url: path + search, init: requestInit(route.method, body) }
}

function requestInit(method: string, body?: object): RequestInit {
  if (!body) return { method }
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
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
  openExternal(url) { window.open(url, '_blank', 'noopener,noreferrer') },
}
