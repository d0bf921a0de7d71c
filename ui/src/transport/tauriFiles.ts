import { invoke } from '@tauri-apps/api/core'
import { toApiError } from './errors'
import type { Answer, FilesDoor } from './types'

/** Null: the person closed the native dialog. */
async function ask<T>(command: string, args?: Record<string, unknown>): Promise<T | undefined> {
  try { return (await invoke<Answer<T> | null>(command, args))?.data }
  catch (failure) { throw toApiError(failure, 500) }
}

/** Native dialogs, opened by the window's core: the page never sees a path. How far it is, the system's disk decides at once. */
export const tauriFiles: FilesDoor = {
  picksInPage: false,
  saveBackup: () => ask('save_backup'),
  saveStoredBackup: name => ask('save_stored_backup', { id: name }),
  saveUsage: filter => ask('save_usage', { filter: { ...filter } }),
  inspectBackup: () => ask('inspect_backup'),
  restoreBackup: () => ask('restore_backup'),
}
