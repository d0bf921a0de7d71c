import * as v from 'valibot'
import { isApiError } from '@/api/types'

export interface PasswordValues { currentPassword: string, newPassword: string, repeat: string }
export interface FieldError { name: string, message: string }

const MIN_CHARS = 8
const MAX_CHARS = 256
const DEFAULT_PASSWORD = 'admin'

type Rule = 'needed' | 'length' | 'notDefault' | 'notName' | 'differs'

/** The server's rules, told before anything travels; it has the last word. Nothing is trimmed: what is typed is meant. */
export function passwordSchema(username: string, say: Record<Rule, string>) {
  return v.pipe(
    v.object({
      currentPassword: v.pipe(v.string(), v.nonEmpty(say.needed)),
      newPassword: v.pipe(
        v.string(),
        v.check(text => !isSame(text, DEFAULT_PASSWORD), say.notDefault),
        v.check(text => hasLength(text) && text.trim() !== '', say.length),
        v.check(text => !isSame(text, username), say.notName),
      ),
      repeat: v.string(),
    }),
    v.forward(v.partialCheck([['newPassword'], ['repeat']], values => values.newPassword === values.repeat, say.differs), ['repeat']),
  )
}

/** Where a refusal belongs: a wrong current password and a named field to their fields, the rest to the whole form. */
export function fieldErrorOf(error: unknown, say: { wrong: string }): FieldError | undefined {
  if (isApiError(error, 'invalid_credentials')) return { name: 'currentPassword', message: say.wrong }
  if (isApiError(error) && error.body.field) return { name: error.body.field, message: error.message }
  return undefined
}

/** Counted as the server does: an emoji is one. */
function hasLength(text: string): boolean {
  const length = [...text].length
  return length >= MIN_CHARS && length <= MAX_CHARS
}

function isSame(text: string, other: string): boolean {
  return text.trim().toLowerCase() === other.trim().toLowerCase()
}
