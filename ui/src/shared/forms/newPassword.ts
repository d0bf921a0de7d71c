import * as v from 'valibot'

const MIN_CHARS = 8
const MAX_CHARS = 256
const DEFAULT_PASSWORD = 'admin'

export type PasswordRule = 'length' | 'notDefault' | 'notName'

/** The server's rules for a new password, told before anything travels; it has the last word. Nothing is trimmed: what is typed is meant. */
export function newPasswordSchema(username: () => string, say: Record<PasswordRule, string>) {
  return v.pipe(
    v.string(),
    v.check(text => !isSame(text, DEFAULT_PASSWORD), say.notDefault),
    v.check(text => hasLength(text) && text.trim() !== '', say.length),
    v.check(text => !isSame(text, username()), say.notName),
  )
}

/** Without those that are taken for one another when read aloud or copied by hand. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const GROUPS = 4
const GROUP_LENGTH = 5

/** A password to hand over: 20 letters and digits in groups, some 115 bits. */
export function makePassword(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, randomLetter).join('')
  return Array.from({ length: GROUPS }, group).join('-')
}

function randomLetter(): string {
  const most = Math.floor(256 / LETTERS.length) * LETTERS.length
  const byte = new Uint8Array(1)
  // A byte beyond the last whole round would make the first letters likelier.
  do { crypto.getRandomValues(byte) } while ((byte[0] ?? 255) >= most)
  return LETTERS[(byte[0] ?? 0) % LETTERS.length] ?? ''
}

/** Counted as the server does: an emoji is one. */
function hasLength(text: string): boolean {
  const length = [...text].length
  return length >= MIN_CHARS && length <= MAX_CHARS
}

function isSame(text: string, other: string): boolean {
  return text.trim().toLowerCase() === other.trim().toLowerCase()
}
