import { toApiError } from './errors'
import type { FilesDoor } from './types'

/** Downloads and uploads of a browser. */
export function httpFiles(adminToken: () => string | undefined): FilesDoor {
  void adminToken
  const later = () => Promise.reject(toApiError(undefined, 501))
  return { picksInPage: true, saveBackup: later, saveStoredBackup: later, saveUsage: later, inspectBackup: later, restoreBackup: later }
}
