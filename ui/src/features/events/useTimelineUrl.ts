import { computed } from 'vue'
import { useUrlState } from '@/shared/composables/useUrlState'
import type { TimelineFilter } from './filter'

export type FilterPatch = { [K in keyof TimelineFilter]?: TimelineFilter[K] }

/** What a timeline shows, in the address. */
export function useTimelineUrl() {
  const url = useUrlState()
  const [q, run, from, to] = [url.text('q'), url.text('run'), url.text('from'), url.text('to')]
  const [type, level, agent, project] = [url.list('type'), url.list('level'), url.list('agent'), url.list('project')]
  const group = url.choice('group', ['', 'run'] as const, '')

  const filter = computed<TimelineFilter>(() => ({
    q: q.value, type: type.value, level: level.value, agent: agent.value, project: project.value,
    run: run.value, from: from.value, to: to.value,
  }))
  const isGrouped = computed({ get: () => group.value === 'run', set: value => { group.value = value ? 'run' : '' } })

  function patchFilter(patch: FilterPatch) {
    url.patchQuery(Object.fromEntries(Object.entries(patch).map(([key, value]) =>
      [key, value.length === 0 ? undefined : typeof value === 'string' ? value : [...value]])))
  }
  return { filter, isGrouped, patchFilter }
}
