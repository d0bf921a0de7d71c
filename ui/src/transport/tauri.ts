import { invoke } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import { toApiError } from './errors'
import { tauriFiles } from './tauriFiles'
import type { Answer, CommandName, Commands, ConnectionInfo, LiveChange, LiveHandlers, Transport } from './types'

async function ask<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try { return await invoke<T>(command, args) }
  // A failure has the same body as over HTTP; a text is Tauri's own.
  catch (failure) { throw toApiError(failure, 500) }
}

/** What the window does not have: nobody signs in there, and nothing is deployed from it. */
const ABSENT: ReadonlySet<CommandName> = new Set(['list_sessions', 'end_session', 'start_deploy', 'get_deploy_status', 'get_deploy_log'])

async function call<C extends CommandName>(command: C, args: Commands[C]['args']): Promise<Answer<Commands[C]['data']>> {
  if (ABSENT.has(command)) throw toApiError({ code: 'not_available', error: `${command} is not available in the window` }, 404)
  return ask(command, args as Record<string, unknown>)
}

/** Inside one process the stream cannot break, so it is live from the first moment. */
function openLive(handlers: LiveHandlers): () => void {
  const stops = [
    listen<LiveChange>('change', message => handlers.onChange(message.payload)),
    listen('reset', () => handlers.onReset()),
  ]
  // What was committed before both listeners stood is read again.
  void Promise.all(stops).then(() => {
    handlers.onState('live')
    handlers.onReset()
  })
  return () => stops.forEach(stop => void stop.then(end => end()))
}

export const tauriTransport: Transport = {
  kind: 'desktop',
  session: null,
  call,
  callAndLeave(command, args) { void call(command, args).catch(() => undefined) },
  async connectionInfo() {
    const answer = await ask<ConnectionInfo | Answer<ConnectionInfo>>('connection_info')
    return 'data' in answer ? answer.data : answer
  },
  openLive,
  // The window is the owner of the file.
  admin: null,
  files: tauriFiles,
  openExternal(url) { void ask('open_external', { url }).catch(() => undefined) },
}
