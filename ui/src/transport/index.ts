import type { Transport } from './types'

export * from './errors'
export type * from './types'

/** Picks the door: the window's commands, or HTTP. Nothing else in the interface asks which it is. */
export async function pickTransport(): Promise<Transport> {
  if ('__TAURI_INTERNALS__' in window) return (await import('./tauri')).tauriTransport
  return (await import('./http')).httpTransport
}
