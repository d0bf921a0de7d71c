import type { MessageKey } from '@/i18n'
import type { Facet, ProjectSort } from './filter'
import type { ProjectValues } from './form'

export const facetKeys: Record<Facet, MessageKey> = {
  status: 'project.status', priority: 'project.priority', category: 'project.category', tag: 'project.tags',
}

export const sortKeys: Record<ProjectSort, MessageKey> = {
  manual: 'sort.manual', updated: 'sort.updated', priority: 'sort.priority', progress: 'sort.progress', cost: 'sort.cost', name: 'sort.name',
}

export const fieldKeys: Record<keyof ProjectValues, MessageKey> = {
  name: 'project.name', description: 'project.description', status: 'project.status', priority: 'project.priority',
  category: 'project.category', progress: 'project.progress', tags: 'project.tags', github: 'project.github',
  workspace: 'project.workspace', budget: 'project.budget', actualCost: 'project.actualCost',
  cost: 'project.cost', costDetails: 'project.costDetails', revenue: 'project.revenue', revenueDetails: 'project.revenueDetails',
  notes: 'project.notes', custom: 'project.custom',
}
