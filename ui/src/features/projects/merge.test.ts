import { describe, expect, it } from 'vitest'
import { valuesOf } from './form'
import { differences, merged } from './merge'

const values = (fields: object) => ({ ...valuesOf(), name: 'Apollo', ...fields })
const base = values({ progress: 10, notes: 'a' })
const mine = values({ progress: 20, notes: 'mine', budget: 5 })
const theirs = values({ progress: 30, notes: 'a', status: 'paused' })

describe('differences', () => {
  it('asks only where both changed the same field', () => {
    expect(differences(base, mine, theirs).toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([
      { key: 'budget', suggested: 'mine', isContested: false },
      { key: 'notes', suggested: 'mine', isContested: false },
      { key: 'progress', suggested: 'mine', isContested: true },
      { key: 'status', suggested: 'theirs', isContested: false },
    ])
  })
  it('has nothing to say when both did the same', () => { expect(differences(base, theirs, theirs)).toEqual([]) })
})

describe('merged', () => {
  it('takes each side where it alone moved, and the picked one where both did', () => {
    expect(merged(base, mine, theirs, {})).toMatchObject({ progress: 20, notes: 'mine', budget: 5, status: 'paused' })
    expect(merged(base, mine, theirs, { progress: 'theirs', status: 'mine' })).toMatchObject({ progress: 30, status: 'planning', notes: 'mine' })
  })
  it('keeps own fields that they added meanwhile', () => {
    const field = (name: string) => ({ name, text: '1' })
    const result = merged(values({ custom: [] }), values({ custom: [field('mine')] }), values({ custom: [field('theirs')] }), {})
    expect(result.custom.map(row => row.name).toSorted()).toEqual(['mine', 'theirs'])
  })
})
