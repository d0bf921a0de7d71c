import { computed, type MaybeRefOrGetter, ref, toValue } from 'vue'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { addOlder, catchUp, type EventLog, holdLog, logOf, oldestOf, seamOf } from '../live/eventLog'
import { isApiError, type ListEventsFilter } from '../types'
import { keys } from './keys'

const FIRST_PAGE = 200
/** Who reads on wants much: a scroll through 100,000 events takes 100 answers. */
const NEXT_PAGE = 1000

/** Events, newest first, live. `log` grows in place of the list: who draws many reads it in chunks. */
export function useEvents(filter: MaybeRefOrGetter<ListEventsFilter>) {
  const transport = useTransport()
  const queryClient = useQueryClient()
  const queryKey = computed(() => keys.events(toValue(filter)))

  const read = (asked: ListEventsFilter) => transport.call('list_events', { filter: { ...asked, order: 'desc' } })

  const query = useQuery({
    queryKey,
    queryFn: async ({ queryKey: [, asked] }) => {
      const page = await read({ limit: FIRST_PAGE, ...asked })
      const known = queryClient.getQueryData<EventLog>(keys.events(asked))
      return (known && known.letGo === 0 && catchUp(known, page)) || logOf(page)
    },
    // The stream keeps it level, and says when it must be read again.
    staleTime: Infinity,
    gcTime: 60_000,
    // A new filter keeps the old rows until its own arrive: nothing jumps.
    placeholderData: keepPreviousData,
    // Thousands of rows: neither compared in depth nor made reactive one by one.
    structuralSharing: false,
    shallow: true,
  })

  const isFetchingNextPage = ref(false)
  const olderError = ref<Error>()
  const isSettled = computed(() => !query.isPlaceholderData.value)

  async function fetchNextPage() {
    const log = query.data.value
    const key = queryKey.value
    if (!log?.hasOlder || !isSettled.value || isFetchingNextPage.value) return
    isFetchingNextPage.value = true
    olderError.value = undefined
    const seam = seamOf(log)
    const from = log.cursor === undefined ? { until: oldestOf(log)?.ts } : { before: log.cursor }
    try {
      const page = await queryClient.fetchQuery({
        queryKey: keys.olderEvents(key[1], seam), gcTime: 0,
        queryFn: () => read({ ...key[1], ...from, limit: NEXT_PAGE }),
      })
      queryClient.setQueryData<EventLog>(key, known => known && (seamOf(known) === seam ? addOlder(known, page) : known))
    }
    catch (error) { olderError.value = error as Error }
    finally { isFetchingNextPage.value = false }
  }

  /** While the reader looks at older rows, nothing is dropped there; what waits above is bounded instead. */
  function hold(isHeld: boolean) {
    const known = queryClient.getQueryData<EventLog>(queryKey.value)
    if (!known) return
    queryClient.setQueryData(queryKey.value, holdLog(known, isHeld))
    if (!isHeld && known.letGo > 0) void query.refetch()
  }

  return {
    ...query,
    log: query.data,
    events: computed(() => query.data.value?.chunks.flat() ?? []),
    hasNextPage: computed(() => isSettled.value && (query.data.value?.hasOlder ?? false)),
    isFetchingNextPage, olderError, fetchNextPage, hold,
  }
}

/** Counts for the filters; null where the server cannot tell. */
export function useEventFacets(filter: MaybeRefOrGetter<ListEventsFilter>) {
  const transport = useTransport()
  return useQuery({
    queryKey: computed(() => keys.figures('eventFacets', toValue(filter))),
    queryFn: async () => {
      try { return (await transport.call('get_event_facets', { filter: toValue(filter) })).data }
      catch (error) {
        if (isApiError(error) && error.status === 404) return null
        throw error
      }
    },
    placeholderData: keepPreviousData,
  })
}

export function useEvent(id: MaybeRefOrGetter<string>) {
  const transport = useTransport()
  return useQuery({
    queryKey: computed(() => keys.event(toValue(id))),
    queryFn: async () => (await transport.call('get_event', { id: toValue(id) })).data,
  })
}
