import { describe, expect, it } from 'vitest'
import type { Project } from '@/api/types'
import { columnBeside, columnsOf, neighbourOf, placeBeside } from './board'

const of = (id: string, status = 'planning') => ({ id, status }) as Project
const shape = (columns: { status: string, projects: Project[] }[]) => columns.map(c => `${c.status}:${c.projects.map(p => p.id).join('')}`)

describe('columns', () => {
  const projects = [of('a', 'paused'), of('b', 'someday'), of('c'), of('d', 'paused')]
  it('stand in the contract’s order, odd imported words last, empty ones too', () => {
    expect(shape(columnsOf(projects, []))).toEqual(['planning:c', 'in-progress:', 'paused:ad', 'completed:', 'cancelled:', 'someday:b'])
  })
  it('are only those a filter leaves', () => {
    expect(shape(columnsOf([of('a', 'paused')], ['someday', 'completed', 'paused']))).toEqual(['paused:a', 'completed:'])
  })
  it('know their neighbours', () => {
    const columns = columnsOf(projects, [])
    expect(columnBeside(columns, 'planning', 1)?.status).toBe('in-progress')
    expect(columnBeside(columns, 'planning', -1)).toBeUndefined()
  })
})

describe('placeBeside', () => {
  const ids = ['a', 'b', 'c', 'd']
  it.each([
    ['d', 'b', 'before', 'adbc'], ['a', 'c', 'after', 'bcad'], ['b', 'd', 'after', 'acdb'], ['c', 'a', 'before', 'cabd'],
  ] as const)('puts %s beside %s, %s', (moved, target, side, order) => {
    expect(placeBeside(ids, moved, target, side)?.join('')).toBe(order)
  })
  it('says nothing where nothing would move', () => {
    expect(placeBeside(ids, 'b', 'a', 'after')).toBeUndefined()
    expect(placeBeside(ids, 'b', 'b', 'before')).toBeUndefined()
    expect(placeBeside(ids, 'b', 'gone', 'before')).toBeUndefined()
  })
})

describe('neighbourOf', () => {
  const column = [of('a'), of('b'), of('c')]
  it.each([
    ['b', 'up', { target: 'a', side: 'before' }], ['b', 'bottom', { target: 'c', side: 'after' }], ['a', 'up', undefined], ['c', 'down', undefined],
    ['a', 'top', undefined], ['gone', 'down', undefined],
  ] as const)('of %s %s', (id, step, found) => { expect(neighbourOf(column, id, step)).toEqual(found) })
})
