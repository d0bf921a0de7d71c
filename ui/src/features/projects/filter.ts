import type { Project } from '@/api/types'
import { priorities } from '@/i18n/enums'
import { spentOf } from './money'

export interface ProjectFilter { q: string, status: string[], priority: string[], category: string[], tag: string[] }
export type Facet = 'status' | 'priority' | 'category' | 'tag'
export const sorts = ['manual', 'updated', 'priority', 'progress', 'cost', 'name'] as const
export type ProjectSort = typeof sorts[number]

const facets: Facet[] = ['status', 'priority', 'category', 'tag']

export function filterProjects(projects: readonly Project[], filter: ProjectFilter): Project[] {
  return projects.filter(project => hasText(project, filter.q) && facets.every(facet => hasFacet(project, facet, filter[facet])))
}

/** How many projects each value of a facet would give, with the other filters as they are. */
export function facetCounts(projects: readonly Project[], filter: ProjectFilter, facet: Facet): Map<string, number> {
  const counts = new Map<string, number>()
  for (const project of filterProjects(projects, { ...filter, [facet]: [] })) {
    for (const value of new Set(valuesOf(project, facet))) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  // A chosen value stays in the list when nothing has it any more, so that it can be taken back.
  for (const value of filter[facet]) if (!counts.has(value)) counts.set(value, 0)
  return counts
}

export function sortProjects(projects: readonly Project[], sort: ProjectSort, locale: string): Project[] {
  if (sort === 'manual') return [...projects]
  return projects.toSorted((a, b) => compare(a, b, sort, locale))
}

export function isFiltered(filter: ProjectFilter): boolean {
  return filter.q.trim() !== '' || facets.some(facet => filter[facet].length > 0)
}

function compare(a: Project, b: Project, sort: Exclude<ProjectSort, 'manual'>, locale: string): number {
  switch (sort) {
    case 'updated': return b.updatedAt.localeCompare(a.updatedAt)
    case 'priority': return rankOf(b) - rankOf(a)
    case 'progress': return b.progress - a.progress
    case 'cost': return spentOf(b) - spentOf(a)
    case 'name': return a.name.localeCompare(b.name, locale)
  }
}

/** Unknown words come last. */
function rankOf(project: Project): number {
  return (priorities as string[]).indexOf(project.priority)
}

function valuesOf(project: Project, facet: Facet): string[] {
  if (facet === 'tag') return project.tags
  if (facet === 'category') return project.category ? [project.category] : []
  return [project[facet]]
}

function hasFacet(project: Project, facet: Facet, wanted: readonly string[]): boolean {
  return wanted.length === 0 || valuesOf(project, facet).some(value => wanted.includes(value))
}

function hasText(project: Project, q: string): boolean {
  const words = q.trim().toLowerCase().split(/\s+/)
  const text = [project.name, project.description, project.category ?? '', ...project.tags].join('\n').toLowerCase()
  return words.every(word => text.includes(word))
}
