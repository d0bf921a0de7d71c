import { isApiError } from '@/api/types'
import type { MessageKey } from '@/i18n'
import { visibleLine } from '@/shared/format/visibleText'

const known: Record<string, MessageKey> = {
  unreachable: 'error.unreachable',
  last_admin: 'users.lastAdmin',
  user_exists: 'users.taken',
  forbidden: 'settings.forbidden',
}

/** What went wrong, in the reader's language where we know the cause. */
export function failureText(error: unknown, t: (key: MessageKey) => string): string {
  if (isApiError(error) && known[error.code]) return t(known[error.code]!)
  return visibleLine(error instanceof Error ? error.message : String(error))
}
