import { toApiError } from './errors'
import type { FilesDoor } from './types'

const later = () => Promise.reject(toApiError(undefined, 501))

/** Native dialogs, opened by the window's core. */
export const tauriFiles: FilesDoor = {
  picksInPage: false, saveBackup: later, saveStoredBackup: later, saveUsage: later, inspectBackup: later, restoreBackup: later,
}
