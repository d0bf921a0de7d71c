import type { EventFacets, Facet } from '@/api/types'
import { baseType, typeLooks } from './looks'

export interface Counted { value: string, count: number | undefined }

/** Types as a reader chooses them: `action.set_status` counts as an action. */
export function typeChoices(facets: EventFacets | undefined, chosen: readonly string[]): Counted[] {
  const counts = new Map<string, number>()
  for (const facet of facets?.types ?? []) {
    const type = baseType(facet.value)
    counts.set(type, (counts.get(type) ?? 0) + facet.count)
  }
  return choices([...counts].map(([value, count]) => ({ value, count })), [...Object.keys(typeLooks), ...chosen], facets !== undefined)
}

/** What the server counted first, then what is chosen or known beside it. */
export function choices(facets: readonly Facet[], others: readonly string[], isCounted: boolean): Counted[] {
  const counted = facets.filter(facet => facet.value !== '').toSorted((a, b) => b.count - a.count)
  const values = new Set(counted.map(facet => facet.value))
  const rest = [...new Set(others)].filter(value => value !== '' && !values.has(value))
  return [...counted, ...rest.map(value => ({ value, count: isCounted ? 0 : undefined }))]
}
