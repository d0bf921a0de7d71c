import type { Project } from '@/api/types'

/** One income or expense of a project. Other fields of the stored record are kept. */
export interface Order { id: string, title: string, kind: 'income' | 'expense', amount: number, createdAt: string, note: string, stored: Record<string, unknown> }
export interface Totals { income: number, expense: number, net: number }

/** The records of a project, newest first. Older ones may lack a kind: a cost without an amount is an expense. */
export function ordersOf(project: Pick<Project, 'orders'>): Order[] {
  const list = Array.isArray(project.orders) ? project.orders as unknown[] : []
  return list.flatMap((item, index) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return []
    return [orderOf(item as Record<string, unknown>, index)]
  }).toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
}

function orderOf(stored: Record<string, unknown>, index: number): Order {
  const isOldExpense = stored.kind === undefined && stored.amount === undefined && Number(stored.cost) > 0
  const kind = stored.kind === 'expense' || isOldExpense ? 'expense' : 'income'
  return {
    id: text(stored.id) || `#${index}`, title: text(stored.title), kind, amount: Math.max(0, Number(stored.amount ?? stored.cost) || 0),
    createdAt: text(stored.createdAt), note: text(stored.note), stored,
  }
}

export function totalsOf(orders: readonly Order[]): Totals {
  const sum = (kind: Order['kind']) => orders.filter(order => order.kind === kind).reduce((total, order) => total + order.amount, 0)
  const income = cents(sum('income'))
  const expense = cents(sum('expense'))
  return { income, expense, net: cents(income - expense) }
}

/** What a save sends: the whole list, and the sums that the server does not derive from it. */
export function patchOf(project: Project, orders: readonly Order[]) {
  const { income, expense } = totalsOf(orders)
  return {
    orders: orders.map(({ stored, id, title, kind, amount, createdAt, note }) => {
      const kept = { ...stored }
      delete kept.cost
      return { ...kept, id, title, kind, amount, createdAt, ...note || 'note' in stored ? { note } : {} }
    }),
    cost: { ...project.cost, total: expense },
    revenue: { ...project.revenue, total: income },
  }
}

export type OrderChange = { put: Order } | { remove: string }

export function changed(orders: readonly Order[], change: OrderChange): Order[] {
  if ('remove' in change) return orders.filter(order => order.id !== change.remove)
  const known = orders.some(order => order.id === change.put.id)
  return known ? orders.map(order => order.id === change.put.id ? change.put : order) : [change.put, ...orders]
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Sums of amounts typed with decimals carry noise of binary fractions. */
function cents(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
