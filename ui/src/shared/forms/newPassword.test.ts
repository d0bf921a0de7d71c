import * as v from 'valibot'
import { expect, it } from 'vitest'
import { makePassword, newPasswordSchema } from './newPassword'

it('makes a password that the rules take, another one each time', () => {
  const schema = newPasswordSchema(() => 'ada', { length: 'length', notDefault: 'notDefault', notName: 'notName' })
  const made = new Set(Array.from({ length: 200 }, makePassword))
  expect(made.size).toBe(200)
  for (const password of made) {
    expect(password).toMatch(/^(?:[a-zA-Z2-9]{5}-){3}[a-zA-Z2-9]{5}$/)
    expect(v.safeParse(schema, password).success).toBe(true)
  }
})
