import { describe, expect, it } from 'vitest'
import type { Project } from '@/api/types'
import { filterProjects, noFilter, sortProjects } from './filter'
import { changedFields, patchOf, valuesOf } from './form'
import { budgetState, spentOf } from './money'

function aProject(fields: Partial<Project> = {}): Project {
  return {
    id: 'p', name: 'Apollo', status: 'planning', priority: 'medium', progress: 0, category: null, description: '', notes: '',
    tags: [], cost: { total: 0 }, revenue: { total: 0 }, budget: 0, actualCost: 0,
    createdAt: '2026-02-11T15:00:00.000000Z', updatedAt: '2026-02-11T15:00:00.000000Z', ...fields,
  } as Project
}
const none = noFilter

describe('filter', () => {
  const projects = [
    aProject({ id: 'a', status: 'paused', tags: ['x', 'x'], category: 'Ops' }),
    aProject({ id: 'b', name: 'Ledger import', tags: ['x', 'y'], progress: 40 }),
    aProject({ id: 'c', status: 'completed', priority: 'urgent' }),
  ]
  const ids = (list: Project[]) => list.map(p => p.id).join('')

  it('joins values of one facet by OR and facets by AND', () => {
    expect(ids(filterProjects(projects, { ...none, status: ['paused', 'planning'], tag: ['y'] }).shown)).toBe('b')
  })
  it('finds all words of the text', () => { expect(ids(filterProjects(projects, { ...none, q: 'IMPORT ledger' }).shown)).toBe('b') })
  it('counts a value once a project, without its own filter', () => {
    const { counts } = filterProjects(projects, { ...none, tag: ['gone'] })
    expect(Object.fromEntries(counts.tag)).toEqual({ x: 2, y: 1, gone: 0 })
    expect(Object.fromEntries(counts.status)).toEqual({})
  })
  it('counts with all the other filters applied', () => {
    const { counts } = filterProjects(projects, { ...none, tag: ['x'], status: ['paused'], q: 'o' })
    expect(Object.fromEntries(counts.status)).toEqual({ paused: 1, planning: 1 })
    expect(Object.fromEntries(counts.tag)).toEqual({ x: 1 })
    expect(Object.fromEntries(counts.category)).toEqual({ Ops: 1 })
  })
  it('sorts the most urgent first and keeps the given order otherwise', () => {
    expect(ids(sortProjects(projects, { by: 'priority', reverse: false }, 'en'))).toBe('cab')
    expect(ids(sortProjects(projects, { by: 'name', reverse: true }, 'en'))).toBe('bac')
    expect(ids(sortProjects(projects, { by: 'manual', reverse: true }, 'en'))).toBe('abc')
  })
})

describe('form', () => {
  it('sends only what changed, in the contract’s shapes', () => {
    const project = aProject({ revenue: { total: 5, currency: 'EUR' }, category: 'Ops' })
    const base = valuesOf(project)
    const values = { ...base, progress: 60, revenue: 9, category: ' ' }
    expect(patchOf(values, base)).toEqual({ progress: 60, revenue: { total: 9, currency: 'EUR' }, category: null })
  })
  it('sends custom fields under their own names', () => {
    const base = valuesOf(aProject({ region: 'eu', owner: 'Li' } as Partial<Project>))
    const values = { ...base, custom: [{ name: 'region', text: '"us"' }] }
    expect(patchOf(values, base)).toEqual({ region: 'us', owner: null })
  })
  it('names the fields that differ', () => {
    expect(changedFields(valuesOf(aProject()), valuesOf(aProject({ tags: ['a'], notes: 'n' })))).toEqual(['tags', 'notes'])
  })
})

describe('money', () => {
  it('sums the expenses, old items without a kind included', () => {
    const orders = [{ kind: 'expense', amount: 5 }, { kind: 'income', amount: 9 }, { cost: 2 }]
    expect(spentOf(aProject({ actualCost: 100, orders } as Partial<Project>))).toBe(7)
  })
  it.each([[50, 'primary'], [90, 'warning'], [101, 'error']])('shows %d of 100 as %s', (actualCost, tone) => {
    expect(budgetState(aProject({ budget: 100, actualCost }))?.tone).toBe(tone)
  })
  it('has nothing to measure without a budget', () => { expect(budgetState(aProject({ actualCost: 5 }))).toBeUndefined() })
})
