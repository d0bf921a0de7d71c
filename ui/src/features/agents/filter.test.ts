import { expect, it } from 'vitest'
import { filterRecords } from './filter'

const records = [
  { id: 'b', name: 'Writer 10', enabled: true, updatedAt: '1', skills: ['docs', { tool: 'Pandoc' }] },
  { id: 'a', name: 'Writer 9', enabled: false, updatedAt: '2', skills: [] },
  { id: 'c', name: 'Tester', enabled: true, updatedAt: '3', skills: ['docs'] },
]
const ids = (q: string, enabled: '' | 'on' | 'off' = '') => filterRecords(records, q, enabled, 'en').shown.map(record => record.id).join('')

it('orders by name, numbers as numbers', () => { expect(ids('')).toBe('cab') })
it('finds words in any text, at any depth', () => { expect([ids('writer pandoc'), ids('docs'), ids('nothing')]).toEqual(['b', 'cb', '']) })
it('keeps the enabled ones or the others, and counts both under the search', () => {
  expect([ids('', 'on'), ids('', 'off')]).toEqual(['cb', 'a'])
  expect(filterRecords(records, 'writer', 'on', 'en').counts).toEqual({ '': 2, 'on': 1, 'off': 1 })
})
