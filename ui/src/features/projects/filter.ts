import type { Project } from '@/api/types'
import { priorities } from '@/i18n/enums'
import { spentOf } from './money'

export interface ProjectFilter { q: string, status: string[], priority: string[], category: string[], tag: string[] }
export type Facet = 'status' | 'priority' | 'category' | 'tag'
export const facets: readonly Facet[] = ['status', 'priority', 'category', 'tag']
export const noFilter: ProjectFilter = { q: '', status: [], priority: [], category: [], tag: [] }

export const views = ['board', 'cards', 'table'] as const
export type ProjectView = typeof views[number]

export const sorts = ['manual', 'updated', 'priority', 'progress', 'cost', 'name'] as const
export type ProjectSort = typeof sorts[number]
/** Each sort has a direction one expects first; `reverse` is the other one. */
export interface ProjectOrder { by: ProjectSort, reverse: boolean }

export interface Filtered { shown: Project[], counts: Record<Facet, Map<string, number>> }

/** In one pass: what fits, and how many each value of a facet would give with the other filters as they are. */
export function filterProjects(projects: readonly Project[], filter: ProjectFilter): Filtered {
  const shown: Project[] = []
  const counts = { status: new Map(), priority: new Map(), category: new Map(), tag: new Map() } as Filtered['counts']
  const words = filter.q.trim().toLowerCase().split(/\s+/).filter(Boolean)
  for (const project of projects) {
    if (!words.every(word => textOf(project).includes(word))) continue
    const failed = facets.filter(facet => !hasFacet(project, facet, filter[facet]))
    if (failed.length === 0) shown.push(project)
    for (const facet of facets) if (failed.every(other => other === facet)) countValues(counts[facet], valuesOf(project, facet))
  }
  // A chosen value stays in the list when nothing has it any more, so that it can be taken back.
  for (const facet of facets) for (const value of filter[facet]) if (!counts[facet].has(value)) counts[facet].set(value, 0)
  return { shown, counts }
}

export function sortProjects(projects: readonly Project[], { by, reverse }: ProjectOrder, locale: string): Project[] {
  if (by === 'manual') return [...projects]
  const compare = comparer(by, locale)
  return projects.toSorted(reverse ? (a, b) => compare(b, a) : compare)
}

export function isFiltered(filter: ProjectFilter): boolean {
  return filter.q.trim() !== '' || facets.some(facet => filter[facet].length > 0)
}

function comparer(by: Exclude<ProjectSort, 'manual'>, locale: string): (a: Project, b: Project) => number {
  switch (by) {
    case 'updated': return (a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0)
    case 'priority': return (a, b) => rankOf(b) - rankOf(a)
    case 'progress': return (a, b) => b.progress - a.progress
    case 'cost': return (a, b) => spentOf(b) - spentOf(a)
    case 'name': return nameComparer(locale)
  }
}

function nameComparer(locale: string): (a: Project, b: Project) => number {
  const collator = new Intl.Collator(locale, { numeric: true })
  return (a, b) => collator.compare(a.name, b.name)
}

/** Unknown words come last. */
function rankOf(project: Project): number {
  return (priorities as string[]).indexOf(project.priority)
}

function valuesOf(project: Project, facet: Facet): readonly string[] {
  if (facet === 'tag') return project.tags
  if (facet === 'category') return project.category ? [project.category] : []
  return [project[facet]]
}

function hasFacet(project: Project, facet: Facet, wanted: readonly string[]): boolean {
  return wanted.length === 0 || valuesOf(project, facet).some(value => wanted.includes(value))
}

function countValues(counts: Map<string, number>, values: readonly string[]) {
  for (const value of new Set(values)) counts.set(value, (counts.get(value) ?? 0) + 1)
}

/** A changed project is another object, so a text that was made once stays right. */
const texts = new WeakMap<Project, string>()

function textOf(project: Project): string {
  const known = texts.get(project)
  if (known !== undefined) return known
  const text = [project.name, project.description, project.category ?? '', ...project.tags].join('\n').toLowerCase()
  texts.set(project, text)
  return text
}
