import * as v from 'valibot'
import type { ProjectPatch } from '@/api/queries/projects'
import type { Project } from '@/api/types'

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
  revenue: number
  notes: string
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
    revenue: project?.revenue.total ?? 0,
    notes: project?.notes ?? '',
  }
}

/** Names of the fields in which two sets of values differ. */
export function changedFields(a: ProjectValues, b: ProjectValues): (keyof ProjectValues)[] {
  return (Object.keys(a) as (keyof ProjectValues)[]).filter(key => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
}

/** Only what the reader changed is sent: a field somebody else changes meanwhile stays theirs. */
export function patchOf(values: ProjectValues, base: ProjectValues, project?: Project): ProjectPatch {
  const patch: Record<string, unknown> = {}
  for (const key of changedFields(values, base)) {
    if (key === 'category') patch[key] = values.category.trim() || null
    else if (key === 'revenue') patch[key] = { ...project?.revenue, total: values.revenue }
    else patch[key] = values[key]
  }
  return patch as ProjectPatch
}

/** The server has the last word; this catches slips before they travel. */
export function projectSchema(say: { nameRequired: string, amount: string }) {
  const amount = v.pipe(v.number(say.amount), v.minValue(0, say.amount), v.maxValue(1e15, say.amount))
  return v.object({
    name: v.pipe(v.string(), v.trim(), v.nonEmpty(say.nameRequired)),
    budget: amount,
    actualCost: amount,
    revenue: amount,
  })
}
