import { computed, type MaybeRefOrGetter, toValue, watch } from 'vue'
import { useEvents } from '@/api/queries/events'
import { useRuns } from '@/api/queries/runs'
import { baseType } from './looks'
import { mergeTimeline, runsInFilter, type TimelineFilter } from './timeline'

/** Runs and events of a project as one list, newest first, live, older pages on demand. */
export function useTimeline(projectId: MaybeRefOrGetter<string>, filter: MaybeRefOrGetter<TimelineFilter>) {
  const events = useEvents(() => {
    const { q, type, level, agent, run } = toValue(filter)
    return { projectId: toValue(projectId), q, type, level, agentId: agent, runId: run }
  })
  const runs = useRuns(() => ({ projectId: toValue(projectId) }))

  const entries = computed(() =>
    mergeTimeline(events.events.value, runsInFilter(runs.runs.value, toValue(filter)), events.hasNextPage.value))

  // Runs keep step with how far back the events were read.
  watch(() => [events.events.value.at(-1)?.ts, runs.runs.value.at(-1)?.createdAt] as const, ([event, run]) => {
    if (event && run && run > event && runs.hasNextPage.value && !runs.isFetchingNextPage.value) void runs.fetchNextPage()
  })

  const agents = computed(() => distinct([...events.events.value, ...runs.runs.value].map(record => record.agentId)))
  const types = computed(() => distinct(events.events.value.map(event => baseType(event.type))))

  return {
    entries, agents, types,
    runs: runs.runs,
    isPending: computed(() => events.isPending.value || runs.isPending.value),
    error: computed(() => events.error.value ?? runs.error.value),
    hasMore: events.hasNextPage,
    isLoadingMore: events.isFetchingNextPage,
    loadMore: () => { if (!events.isFetchingNextPage.value) void events.fetchNextPage() },
    retry: () => { void events.refetch(); void runs.refetch() },
  }
}

function distinct(words: readonly (string | null | undefined)[]): string[] {
  return [...new Set(words)].filter(word => typeof word === 'string' && word !== '').toSorted() as string[]
}
