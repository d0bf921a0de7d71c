import type { Project } from '@/api/types'
import { statuses } from '@/i18n/enums'

export interface Column { status: string, projects: Project[] }
export type Side = 'before' | 'after'

/** A column for every status of the contract and for each odd one that was imported; only the chosen ones when some are. */
export function columnsOf(projects: readonly Project[], chosen: readonly string[]): Column[] {
  const byStatus = new Map<string, Project[]>((chosen.length > 0 ? [] : statuses).map(status => [status, []]))
  for (const status of statuses) if (chosen.includes(status)) byStatus.set(status, [])
  for (const project of projects) {
    const column = byStatus.get(project.status)
    if (column) column.push(project)
    else byStatus.set(project.status, [project])
  }
  return [...byStatus].map(([status, list]) => ({ status, projects: list }))
}

/** The whole order with one id taken out and put beside another; undefined when nothing would move. */
export function placeBeside(ids: readonly string[], moved: string, target: string, side: Side): string[] | undefined {
  if (moved === target) return undefined
  const rest = ids.filter(id => id !== moved)
  const place = rest.indexOf(target)
  if (place < 0) return undefined
  const next = rest.toSpliced(side === 'before' ? place : place + 1, 0, moved)
  return next.every((id, index) => id === ids[index]) ? undefined : next
}

export type Step = 'up' | 'down' | 'top' | 'bottom'

/** Whom a step within a column would put the project beside. */
export function neighbourOf(column: readonly Project[], id: string, step: Step): { target: string, side: Side } | undefined {
  const index = column.findIndex(project => project.id === id)
  const target = { up: column[index - 1], down: column[index + 1], top: column[0], bottom: column.at(-1) }[step]
  if (index < 0 || !target || target.id === id) return undefined
  return { target: target.id, side: step === 'up' || step === 'top' ? 'before' : 'after' }
}

/** The next column to one side, where a step sideways leads. */
export function columnBeside(columns: readonly Column[], status: string, by: 1 | -1): Column | undefined {
  const index = columns.findIndex(column => column.status === status)
  return index < 0 ? undefined : columns[index + by]
}
