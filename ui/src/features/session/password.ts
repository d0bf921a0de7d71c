import * as v from 'valibot'
import { isApiError } from '@/api/types'
import { newPasswordSchema, type PasswordRule } from '@/shared/forms/newPassword'

export interface PasswordValues { currentPassword: string, newPassword: string, repeat: string }
export interface FieldError { name: string, message: string }

export function passwordSchema(username: string, say: Record<PasswordRule | 'needed' | 'differs', string>) {
  return v.pipe(
    v.object({
      currentPassword: v.pipe(v.string(), v.nonEmpty(say.needed)),
      newPassword: newPasswordSchema(() => username, say),
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
