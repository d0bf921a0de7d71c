import { describe, expect, it } from 'vitest'
import { capabilityShape } from './capability'
import { profileShape } from './profile'
import { bodyOf, copyOf, differencesOf, itemsOf, lockedKeys, recordSchema, textsOf, valuesOf } from './record'
import * as v from 'valibot'

const stored = {
  id: 'a', name: 'Ada', role: 'engineer', description: '', styleTags: ['calm'], skills: ['sql', { level: 2 }, 'two\nlines'], outputMode: 'concise',
  writebackPolicy: 'minimal', permissions: { shell: true }, meta: {}, enabled: true, createdAt: '1', updatedAt: '2', team: 'core', gone: null,
}

describe('bodyOf', () => {
  it('sends nothing when nothing was changed', () => {
    expect(bodyOf(profileShape, valuesOf(profileShape, stored), stored)).toEqual({})
  })
  it('sends only what was changed, and keeps items that are no plain text as they were', () => {
    const values = { ...valuesOf(profileShape, stored), role: 'tester', skills: [...textsOf(stored.skills), 'go', ' '] }
    expect(bodyOf(profileShape, values, stored)).toEqual({ role: 'tester', skills: ['sql', { level: 2 }, 'two\nlines', 'go'] })
  })
  it('sends an open object whole, and a custom field that is gone as null', () => {
    const values = { ...valuesOf(profileShape, stored), permissions: [{ name: 'shell', text: 'false' }, { name: 'network', text: '"ask"' }], custom: [] }
    expect(bodyOf(profileShape, values, stored)).toEqual({ permissions: { shell: false, network: 'ask' }, team: null })
  })
  it('leaves out of a new record what the server fills in', () => {
    expect(bodyOf(profileShape, { ...valuesOf(profileShape), name: 'New', id: ' x ' })).toEqual({ name: 'New', id: 'x' })
  })
  it('does not send the blank line at the end of a list', () => {
    const capability = { id: 'c', name: 'C', constraints: ['a'], updatedAt: '1' }
    expect(bodyOf(capabilityShape, { ...valuesOf(capabilityShape, capability), constraints: ['a', ''] }, capability)).toEqual({})
  })
})

describe('differencesOf', () => {
  it('tells whose change it is', () => {
    const base = valuesOf(profileShape, stored)
    const theirs = { ...base, role: 'planner', description: 'theirs' }
    const mine = { ...base, description: 'mine', skills: ['x'] }
    expect(differencesOf(base, mine, theirs).map(({ key, isMine }) => [key, isMine])).toEqual([['role', false], ['description', true], ['skills', true]])
  })
})

describe('numbers that a browser rounds', () => {
  const exact = { ...stored, meta: { big: 2 ** 64 } }
  it('lock what holds them', () => { expect([...lockedKeys(profileShape, exact)]).toEqual(['meta']) })
  it('are left out of a copy', () => {
    const copy = copyOf(profileShape, exact, 'Copy')
    expect(copy).toMatchObject({ id: '', name: 'Copy', role: 'engineer', meta: [] })
    expect(bodyOf(profileShape, copy, undefined, exact).skills).toEqual(stored.skills)
  })
})

it('gives back what it was given as texts', () => {
  expect(itemsOf(['{"level":2}', 'new'], stored.skills)).toEqual([{ level: 2 }, 'new'])
})

it('refuses a blank name and fields that are no JSON', () => {
  const schema = recordSchema(profileShape, { name: 'name', fields: 'fields' }, valuesOf(profileShape, stored))
  const values = { ...valuesOf(profileShape, stored), name: ' ', permissions: [{ name: 'shell', text: 'maybe' }], custom: [{ name: 'role', text: '1' }] }
  expect(v.safeParse(schema, values).issues?.map(issue => issue.message)).toEqual(['name', 'fields', 'fields'])
})
