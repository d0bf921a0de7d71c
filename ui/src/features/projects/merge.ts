import { changedFields, type ProjectValues } from './form'
import { mergeFields } from './jsonFields'

export type Side = 'mine' | 'theirs'
export type Field = keyof ProjectValues

/** A field that differs. Only where both changed it there is something to decide; else one side has just not moved. */
export interface Difference { key: Field, suggested: Side, isContested: boolean }

/** What three versions of a project differ in: the one the reader began with, theirs, and what the reader typed. */
export function differences(base: ProjectValues, mine: ProjectValues, theirs: ProjectValues): Difference[] {
  const byMe = new Set(changedFields(base, mine))
  const byThem = new Set(changedFields(base, theirs))
  return changedFields(mine, theirs).map(key => ({
    key, suggested: byMe.has(key) ? 'mine' : 'theirs', isContested: byMe.has(key) && byThem.has(key),
  }))
}

/** The reader's values with theirs where they were picked. Own fields are merged by name: what one side added stays. */
export function merged(base: ProjectValues, mine: ProjectValues, theirs: ProjectValues, picks: Partial<Record<Field, Side>>): ProjectValues {
  const result: Record<string, unknown> = { ...theirs }
  for (const { key, suggested } of differences(base, mine, theirs)) {
    if ((picks[key] ?? suggested) === 'theirs') continue
    const isList = key === 'custom' || key === 'costDetails' || key === 'revenueDetails'
    result[key] = isList ? mergeFields(base[key], mine[key], theirs[key]) : mine[key]
  }
  return structuredClone(result) as unknown as ProjectValues
}
