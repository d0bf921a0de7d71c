import * as v from 'valibot'
import type { ProjectPatch } from '@/api/queries/projects'
import type { Project } from '@/api/types'
import { customFieldsOf, fieldsOf, type JsonField, MONEY_RESERVED, patchFields, problemsOf, recordOf } from './jsonFields'

/** The form's own shape: every field always there, amounts as numbers. */
export interface ProjectValues {
  name: string
  description: string
  status: Project['status']
  priority: Project['priority']
  category: string
  progress: number
  tags: string[]
  github: string
  workspace: string
  budget: number
  actualCost: number
  cost: number
  costDetails: JsonField[]
  revenue: number
  revenueDetails: JsonField[]
  notes: string
  custom: JsonField[]
}

export function valuesOf(project?: Project): ProjectValues {
  return {
    name: project?.name ?? '',
    description: project?.description ?? '',
    status: project?.status ?? 'planning',
    priority: project?.priority ?? 'medium',
    category: project?.category ?? '',
    progress: project?.progress ?? 0,
    tags: [...project?.tags ?? []],
    github: project?.github ?? '',
    workspace: project?.workspace ?? '',
    budget: project?.budget ?? 0,
    actualCost: project?.actualCost ?? 0,
    cost: project?.cost.total ?? 0,
    costDetails: fieldsOf(project?.cost, MONEY_RESERVED),
    revenue: project?.revenue.total ?? 0,
    revenueDetails: fieldsOf(project?.revenue, MONEY_RESERVED),
    notes: project?.notes ?? '',
    custom: customFieldsOf(project),
  }
}

/** Names of the fields in which two sets of values differ. */
export function changedFields(a: ProjectValues, b: ProjectValues): (keyof ProjectValues)[] {
  return (Object.keys(a) as (keyof ProjectValues)[]).filter(key => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
}

/** Only what the reader changed is sent: a field somebody else changes meanwhile stays theirs. */
export function patchOf(values: ProjectValues, base: ProjectValues): ProjectPatch {
  const changed = new Set(changedFields(values, base))
  const patch: Record<string, unknown> = {}
  for (const key of changed) if (!(key in parts)) patch[key] = values[key]
  if (changed.has('category')) patch.category = values.category.trim() || null
  // These two are replaced as a whole, so their details travel with the total.
  if (changed.has('cost') || changed.has('costDetails')) patch.cost = { ...recordOf(values.costDetails), total: values.cost }
  if (changed.has('revenue') || changed.has('revenueDetails')) patch.revenue = { ...recordOf(values.revenueDetails), total: values.revenue }
  return { ...patch, ...changed.has('custom') ? patchFields(base.custom, values.custom) : {} } as ProjectPatch
}

/** Values that do not travel under their own name. */
const parts: Partial<Record<keyof ProjectValues, true>> = { category: true, cost: true, costDetails: true, revenue: true, revenueDetails: true, custom: true }

/** The server has the last word; this catches slips before they travel. */
export function projectSchema(say: { nameRequired: string, amount: string, fields: string }, base: ProjectValues) {
  const amount = v.pipe(v.number(say.amount), v.minValue(0, say.amount), v.maxValue(1e15, say.amount))
  const fields = (key: 'custom' | 'costDetails' | 'revenueDetails') => v.pipe(
    v.array(v.object({ name: v.string(), text: v.string() })),
    v.check(rows => problemsOf(rows, base[key], key === 'custom' ? undefined : MONEY_RESERVED).size === 0, say.fields),
  )
  return v.object({
    name: v.pipe(v.string(), v.trim(), v.nonEmpty(say.nameRequired)),
    budget: amount,
    actualCost: amount,
    cost: amount,
    revenue: amount,
    costDetails: fields('costDetails'),
    revenueDetails: fields('revenueDetails'),
    custom: fields('custom'),
  })
}
