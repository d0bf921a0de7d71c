import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import type { Answer } from '@/transport'
import { useTransport } from '../client'
import type { AgentEvent, ListEventsFilter } from '../types'
import { keys } from './keys'

const PAGE = 200

/** Events, newest first. The server sends each page oldest first, so pages are turned as they come. */
export function useEvents(filter: MaybeRefOrGetter<ListEventsFilter>) {
  const transport = useTransport()
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.events(toValue(filter))),
    queryFn: async ({ pageParam }) => {
      const asked = { limit: PAGE, ...toValue(filter), before: pageParam }
      const page = await transport.call('list_events', { filter: asked })
      return { ...page, data: page.data.toReversed() }
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Answer<AgentEvent[]>) => (page.hasMore && page.cursor) || undefined,
    // A new filter keeps the old rows until its own arrive: nothing jumps.
    placeholderData: keepPreviousData,
    // Thousands of rows: neither compared in depth nor made reactive one by one.
    structuralSharing: false,
    shallow: true,
  })
  const events = computed(() => query.data.value?.pages.flatMap(page => page.data) ?? [])
  return { ...query, events }
}

export function useEvent(id: MaybeRefOrGetter<string>) {
  const transport = useTransport()
  return useQuery({
    queryKey: computed(() => keys.event(toValue(id))),
    queryFn: async () => (await transport.call('get_event', { id: toValue(id) })).data,
  })
}
