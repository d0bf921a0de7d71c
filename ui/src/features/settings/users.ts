import * as v from 'valibot'
import type { UserEntry } from '@/api/types'
import { newPasswordSchema, type PasswordRule } from '@/shared/forms/newPassword'

const MAX_NAME = 64

export function newUserSchema(username: () => string, say: Record<PasswordRule | 'needed' | 'nameLength', string>) {
  return v.object({
    username: v.pipe(v.string(), v.trim(), v.nonEmpty(say.needed), v.check(name => [...name].length <= MAX_NAME, say.nameLength)),
    password: newPasswordSchema(username, say),
  })
}

export function resetSchema(username: string, say: Record<PasswordRule, string>) {
  return v.object({ password: newPasswordSchema(() => username, say) })
}

export type UserAct = 'promote' | 'demote' | 'disable' | 'enable' | 'reset' | 'ownPassword'

/** What can be done with a user. One's own password is changed with the current one, never reset. */
export function actsFor(user: UserEntry): UserAct[] {
  return [
    user.role === 'admin' ? 'demote' : 'promote',
    user.isSelf ? 'ownPassword' : 'reset',
    user.disabled ? 'enable' : 'disable',
  ]
}

/** What locks oneself out, if somebody else may still let one in, is asked about first. */
export function needsAsking(user: UserEntry, act: UserAct): boolean {
  return user.isSelf && (act === 'demote' || act === 'disable')
}
