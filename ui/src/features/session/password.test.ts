import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { ApiError } from '@/api/types'
import { fieldErrorOf, passwordSchema, type PasswordValues } from './password'

const say = { needed: 'needed', length: 'length', notDefault: 'notDefault', notName: 'notName', differs: 'differs' }

/** `field: message` of everything that is wrong. */
function complaints(values: Partial<PasswordValues>): string[] {
  const newPassword = values.newPassword ?? 'a long enough one'
  const { issues } = v.safeParse(passwordSchema('Ada Lovelace', say), { currentPassword: 'admin', newPassword, repeat: newPassword, ...values })
  return (issues ?? []).map(issue => `${v.getDotPath(issue)}: ${issue.message}`)
}

describe('a new password', () => {
  it.each(['12345678', 'with spaces and 🦊🦊🦊🦊', '🦊'.repeat(256), ' admin, but longer '])('may be %j', newPassword => {
    expect(complaints({ newPassword })).toEqual([])
  })

  it.each([
    ['', 'length'], ['1234567', 'length'], ['🦊'.repeat(7), 'length'], ['x'.repeat(257), 'length'], [' '.repeat(9), 'length'],
    ['   Admin   ', 'notDefault'], ['ADA lovelace ', 'notName'],
  ])('may not be %j', (newPassword, rule) => {
    expect(complaints({ newPassword })[0]).toBe(`newPassword: ${rule}`)
  })

  it('must be repeated to the letter, and needs the current one', () => {
    expect(complaints({ repeat: 'a long enough one ' })).toEqual(['repeat: differs'])
    expect(complaints({ currentPassword: '' })).toEqual(['currentPassword: needed'])
    expect(complaints({ currentPassword: '', repeat: 'x' })).toEqual(['currentPassword: needed', 'repeat: differs'])
  })
})

describe('a refusal', () => {
  const fieldOf = (error: unknown) => fieldErrorOf(error, { wrong: 'wrong' })

  it('stands at the field it is about', () => {
    expect(fieldOf(new ApiError('invalid_credentials', { code: 'invalid_credentials' }, 401))).toEqual({ name: 'currentPassword', message: 'wrong' })
    expect(fieldOf(new ApiError('invalid_field', { code: 'invalid_field', field: 'newPassword', error: 'too common' }, 400)))
      .toEqual({ name: 'newPassword', message: 'too common' })
  })

  it('is about the whole form otherwise', () => {
    expect(fieldOf(new ApiError('too_many_requests', { code: 'too_many_requests' }, 429))).toBeUndefined()
    expect(fieldOf(new Error('x'))).toBeUndefined()
  })
})
