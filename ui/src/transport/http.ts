import { answerError, toApiError } from './errors'
import { httpFiles } from './httpFiles'
import { searchOf } from './query'
import { type Route, routes } from './routes'
import { openEventStream, renewEventStreams } from './eventStream'
import type { Answer, CommandName, Commands, ConnectionInfo, SessionData, Transport } from './types'

interface LooseArgs { id?: string, filter?: object, body?: object, ids?: string[] }

/** The URL and request for a command. Exported for its test. */
export function requestFor(command: CommandName, args: LooseArgs): { url: string, init: RequestInit } {
  const route: Route = routes[command]
  const path = route.path.replace(/\{\w+\}/, encodeURIComponent(args.id ?? ''))
  const body = args.body ?? (args.ids ? { ids: args.ids } : undefined)
  return { url: path + searchOf(args.filter ?? {}), init: withAdminToken(path, requestInit(route.method, body)) }
}

function requestInit(method: string, body?: object): RequestInit {
  if (!body) return { method }
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}

/** In memory only: a reload forgets it. */
let adminToken: string | undefined

const adminHeaders = (): Record<string, string> => adminToken ? { 'X-PM-Token': adminToken } : {}

function withAdminToken(path: string, init: RequestInit): RequestInit {
  if (!adminToken || !path.startsWith('/api/admin/')) return init
  return { ...init, headers: { ...init.headers, ...adminHeaders() } }
}

async function send<T>(url: string, init: RequestInit): Promise<Answer<T>> {
  let response: Response
  try { response = await fetch(url, { ...init, credentials: 'same-origin' }) }
  catch { throw toApiError(undefined, 0) }
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok && body !== undefined) return body as Answer<T>
  // A development proxy answers for a server that is gone.
  throw answerError(url, body, body === undefined && response.status >= 500 ? 0 : response.status)
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
  files: httpFiles(adminHeaders),
  openExternal(url) { window.open(url, '_blank', 'noopener,noreferrer') },
}
