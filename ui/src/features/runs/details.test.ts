import { expect, it } from 'vitest'
import type { Run } from '@/api/types'
import { runLinks, runMetrics } from './details'

const run = (fields: object) => fields as Run

it('finds addresses in texts and objects and skips the rest', () => {
  expect(runLinks(run({ links: ['https://a.example', { url: 'https://b.example' }, { href: 'https://c.example' }, 7, null] })))
    .toEqual(['https://a.example', 'https://b.example', 'https://c.example'])
})

it('shows plain metrics only', () => {
  expect(runMetrics(run({ metrics: { tests: 12, ok: true, nested: { a: 1 } } })))
    .toEqual([{ name: 'tests', value: '12' }, { name: 'ok', value: 'true' }])
})
