import type { AgentEvent } from '@/api/types'

export interface FieldChange { field: string, before: string, after: string }

/** What an action changed, from the state before and after that its event keeps. */
export function actionDiff(event: AgentEvent): FieldChange[] {
  if (!event.type.startsWith('action')) return []
  const before = objectIn(event.data, 'before')
  const after = objectIn(event.data, 'after')
  if (!before || !after) return []
  return Object.keys({ ...before, ...after })
    .map(field => ({ field, before: textOf(before[field]), after: textOf(after[field]) }))
    .filter(change => change.before !== change.after)
}

function objectIn(data: unknown, key: string): Record<string, unknown> | undefined {
  const value = (data as Record<string, unknown> | null | undefined)?.[key]
  return typeof value === 'object' && value !== null ? value as Record<string, unknown> : undefined
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(', ')
  return value === undefined || value === null ? '' : String(value)
}
