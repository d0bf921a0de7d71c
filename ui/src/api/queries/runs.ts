import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import type { Answer } from '@/transport'
import { useTransport } from '../client'
import type { ListRunsFilter, Run } from '../types'
import { keys } from './keys'

const PAGE = 200

/** Runs, newest first, a page at a time. */
export function useRuns(filter: MaybeRefOrGetter<ListRunsFilter>) {
  const transport = useTransport()
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.runs(toValue(filter))),
    queryFn: ({ pageParam }) =>
      transport.call('list_runs', { filter: { ...toValue(filter), limit: PAGE, cursor: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Answer<Run[]>) => page.nextCursor ?? undefined,
    // A new filter keeps the old rows until its own arrive.
    placeholderData: keepPreviousData,
    structuralSharing: false,
    shallow: true,
  })
  const runs = computed(() => query.data.value?.pages.flatMap(page => page.data) ?? [])
  return { ...query, runs }
}

export function useRun(id: MaybeRefOrGetter<string>) {
  const transport = useTransport()
  return useQuery({
    queryKey: computed(() => keys.run(toValue(id))),
    queryFn: async () => (await transport.call('get_run', { id: toValue(id) })).data,
  })
}

/** How many runs there are of each status, agent and project, under the other filters. */
export function useRunFacets(filter: MaybeRefOrGetter<ListRunsFilter>) {
  const transport = useTransport()
  return useQuery({
    queryKey: computed(() => keys.figures('run facets', toValue(filter))),
    queryFn: async () => (await transport.call('get_run_facets', { filter: toValue(filter) })).data,
    placeholderData: keepPreviousData,
  })
}
