import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import type { ListRunsFilter } from '@/api/types'
import { useUrlState } from '@/shared/composables/useUrlState'

/** Which runs a screen shows, in the address. A project page fixes the project. */
export function useRunsView(projectId: MaybeRefOrGetter<string | undefined>) {
  const url = useUrlState()
  const fields = { q: url.text('q'), status: url.list('status'), agent: url.list('agent'), project: url.list('project') }
  const view = url.choice('view', ['table', 'gantt'] as const, 'table')
  const filter = computed<ListRunsFilter>(() => {
    const fixed = toValue(projectId)
    return {
      q: fields.q.value || undefined, status: some(fields.status.value), agentId: some(fields.agent.value),
      projectId: fixed ?? some(fields.project.value),
    }
  })
  const isFiltered = computed(() => fields.q.value !== '' || [fields.status, fields.agent, fields.project].some(field => field.value.length > 0))
  function clear() { url.patchQuery({ q: undefined, status: undefined, agent: undefined, project: undefined }) }
  return { fields, view, filter, isFiltered, clear }
}
export type RunsView = ReturnType<typeof useRunsView>

function some(values: string[]): string[] | undefined {
  return values.length > 0 ? values : undefined
}
