import type { Project } from '@/api/types'

interface Order { kind?: string, amount?: number, cost?: number }

/** What was spent: the sum of the records where there are any, else the amount somebody typed. */
export function spentOf(project: Project): number {
  const orders = ordersOf(project)
  if (orders.length === 0) return project.actualCost
  return orders.reduce((sum, order) => sum + expenseOf(order), 0)
}

export type BudgetState = { share: number, tone: 'primary' | 'warning' | 'error' }

/** Undefined without a budget: nothing to measure against. */
export function budgetState(project: Project): BudgetState | undefined {
  if (project.budget <= 0) return undefined
  const share = spentOf(project) / project.budget * 100
  return { share, tone: share > 100 ? 'error' : share >= 85 ? 'warning' : 'primary' }
}

/** Older records have no kind: a cost without an amount is an expense. */
function expenseOf(order: Order): number {
  if (order.kind === 'expense') return Number(order.amount ?? order.cost) || 0
  if (order.kind === undefined && order.amount === undefined) return Number(order.cost) || 0
  return 0
}

function ordersOf(project: Project): Order[] {
  return Array.isArray(project.orders) ? project.orders as Order[] : []
}
