import { describe, expect, it } from 'vitest'
import { customFieldsOf, fieldsOf, holdsRounded, lockedNames, mergeFields, MONEY_RESERVED, patchFields, problemsOf, recordOf, roundedNumber, writeJson } from './jsonFields'

const project = JSON.parse('{"id":"p","name":"n","orders":[],"region":"eu","__proto__":{"x":1},"gone":null,"limits":{"max":5}}') as object

describe('custom fields', () => {
  it('are those the contract does not name, without the removed ones', () => {
    expect(customFieldsOf(project)).toEqual([{ name: 'region', text: '"eu"' }, { name: '__proto__', text: '{"x":1}' }, { name: 'limits', text: '{"max":5}' }])
  })
  it('send what changed, and null for what is gone', () => {
    const before = customFieldsOf(project)
    const after = [before[0]!, { name: ' limits ', text: '{"max": 6}' }, { name: 'owner', text: '"Li"' }, { name: '', text: ' ' }]
    expect(JSON.stringify(patchFields(before, after))).toBe('{"limits":{"max":6},"owner":"Li","__proto__":null}')
    expect(patchFields(before, before)).toEqual({})
  })
  it('merge: mine on top, what they added stays', () => {
    const f = (name: string, text: string) => ({ name, text })
    const base = [f('a', '1'), f('b', '1'), f('c', '1')]
    const merged = mergeFields(base, [f('a', '2'), f('b', '1'), f('d', '4')], [f('a', '1'), f('b', '9'), f('c', '1'), f('e', '5')])
    expect(merged).toEqual([f('b', '9'), f('e', '5'), f('a', '2'), f('d', '4')])
  })
  it('show what cannot be seen, as the same value', () => {
    const text = writeJson('a\u202eb\u200b')
    expect(text).toBe('"a\\u202eb\\u200b"')
    expect(JSON.parse(text)).toBe('a\u202eb\u200b')
  })
})

describe('problems', () => {
  it.each([
    [{ name: '', text: '1' }, 'name'], [{ name: 'status', text: '1' }, 'reserved'], [{ name: 'a', text: '{' }, 'syntax'], [{ name: 'a', text: '' }, 'syntax'],
    [{ name: 'a', text: '12345678901234567890' }, 'precision'], [{ name: 'a', text: '{"x": [1.5, "12345678901234567890"]}' }, undefined], [{ name: ' ', text: '' }, undefined],
  ] as const)('of %j: %s', (field, problem) => { expect(problemsOf([field], []).get(0)).toBe(problem) })
  it('find a name that is there twice', () => {
    expect([...problemsOf([{ name: 'a', text: '1' }, { name: 'a ', text: '2' }], [])]).toEqual([[1, 'taken']])
  })
  it('leave alone what was not touched', () => {
    const big = { name: 'big', text: '12345678901234567000' }
    expect(problemsOf([big], [big]).size).toBe(0)
  })
})

describe('numbers', () => {
  it.each(['0', '-0.0', '1.50', '1e3', '0.1', '9007199254740991', '-12.5e-3', '1e308', '1E+2', '123456789.125'])('keeps %s', literal => {
    expect(roundedNumber(`[${literal}]`)).toBeUndefined()
  })
  it.each(['9007199254740993', '0.10000000000000000001', '1e999', '12345678901234567890.5'])('does not keep %s', literal => {
    expect(roundedNumber(`{"a": ${literal}}`)).toBe(literal)
  })
  it('tells what was rounded when it was read', () => {
    expect(holdsRounded(JSON.parse('{"a":[12345678901234567890]}'))).toBe(true)
    expect(holdsRounded({ a: [1e15, '12345678901234567890', null] })).toBe(false)
    expect([...lockedNames({ id: 1, big: 2 ** 60 })]).toEqual(['big'])
  })
})

describe('details of money', () => {
  it('are everything but the total', () => {
    const details = fieldsOf({ total: 5, currency: 'EUR' }, MONEY_RESERVED)
    expect(details).toEqual([{ name: 'currency', text: '"EUR"' }])
    expect(recordOf([...details, { name: '', text: '' }])).toEqual({ currency: 'EUR' })
  })
})
