import { describe, expect, it } from 'vitest'
import type { Project } from '@/api/types'
import { changed, ordersOf, patchOf, totalsOf } from './orders'

const project = (orders: unknown) => ({ id: 'p', cost: { total: 1, currency: 'EUR' }, revenue: { total: 2 }, orders }) as unknown as Project

describe('ordersOf', () => {
  it('reads old records: a cost without an amount is an expense', () => {
    const [expense, income] = ordersOf(project([{ id: 'i', amount: '5', createdAt: '2026-01-01' }, { id: 'e', cost: 3, createdAt: '2026-01-02' }]))
    expect([expense?.kind, expense?.amount, income?.kind, income?.amount]).toEqual(['expense', 3, 'income', 5])
  })
  it.each([undefined, null, 'x', [null, 1, 'x', []]])('takes %j for no records', orders => { expect(ordersOf(project(orders))).toEqual([]) })
})

it('sums without the noise of binary fractions', () => {
  const orders = ordersOf(project([{ id: 'a', kind: 'expense', amount: 0.1 }, { id: 'b', kind: 'expense', amount: 0.2 }, { id: 'c', kind: 'income', amount: 1 }]))
  expect(totalsOf(orders)).toEqual({ income: 1, expense: 0.3, net: 0.7 })
})

it('saves the whole list with its sums, and keeps what it does not know', () => {
  const source = project([{ id: 'a', kind: 'income', amount: 4, title: 'A', createdAt: '1', mine: [1] }])
  const orders = changed(ordersOf(source), { put: { id: 'b', title: 'B', kind: 'expense', amount: 3, createdAt: '2', note: '', stored: {} } })
  expect(patchOf(source, orders)).toEqual({
    orders: [{ id: 'b', title: 'B', kind: 'expense', amount: 3, createdAt: '2' }, { id: 'a', kind: 'income', amount: 4, title: 'A', createdAt: '1', mine: [1] }],
    cost: { total: 3, currency: 'EUR' }, revenue: { total: 4 },
  })
  expect(patchOf(source, changed(orders, { remove: 'a' })).revenue.total).toBe(0)
})
