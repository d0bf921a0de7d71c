import { useThrottleFn } from '@vueuse/core'
import { computed, type MaybeRefOrGetter, ref, shallowRef, toValue, watch } from 'vue'
import { useEventFacets, useEvents } from '@/api/queries/events'
import { useRuns } from '@/api/queries/runs'
import { marksInRange, runsInFilter, type TimelineFilter, toEventsFilter } from './filter'
import { makeGroupBuilder } from './groups'
import { makeRowBuilder } from './rows'
import { marksOf } from './timeline'
import { useHeld } from './useHeld'

/** The first of many is drawn at once, the rest at this pace: nobody reads a thousand rows a second. */
const PACE_MS = 120

export interface TimelineQuestion { projectId: string, filter: TimelineFilter, isGrouped: boolean }

/** Runs and events as one list, newest first, live, older pages on demand. */
export function useTimeline(question: MaybeRefOrGetter<TimelineQuestion>) {
  const asked = computed(() => toEventsFilter(toValue(question).filter, toValue(question).projectId))
  const events = useEvents(asked)
  const runs = useRuns(() => toValue(question).projectId ? { projectId: toValue(question).projectId } : {})
  const { data: facets } = useEventFacets(asked)

  const log = shallowRef(events.log.value)
  watch(events.log, useThrottleFn(() => {
    log.value = events.log.value
    // After a list was read anew, its own top is what holds.
    if (isScrolled) hold(true)
  }, PACE_MS, true, true))

  const marks = computed(() => {
    const { projectId, filter } = toValue(question)
    // The page of all projects is about events; a project's also tells when its runs began and ended.
    return projectId ? marksInRange(marksOf(runsInFilter(runs.runs.value, filter)), filter) : []
  })
  const held = useHeld(log, marks)
  const opened = ref<ReadonlySet<string>>(new Set())
  const runsById = computed(() => new Map(runs.runs.value.map(run => [run.id, run])))
  const buildRows = makeRowBuilder()
  const buildGroups = makeGroupBuilder()
  const rows = computed(() => {
    const hasOlder = log.value?.hasOlder ?? false
    return toValue(question).isGrouped
      ? buildGroups(held.chunks.value, runsById.value, opened.value, hasOlder)
      : buildRows(held.chunks.value, held.marks.value, hasOlder)
  })

  // Runs keep step with how far back the events were read, where they are shown.
  const needsRuns = computed(() => toValue(question).projectId !== '' || toValue(question).isGrouped)
  watch(() => [log.value?.chunks.at(-1)?.at(-1)?.ts, runs.runs.value.at(-1)?.createdAt] as const, ([event, run]) => {
    if (needsRuns.value && event && run && run > event && runs.hasNextPage.value && !runs.isFetchingNextPage.value) void runs.fetchNextPage()
  })

  let isScrolled = false
  function hold(next: boolean) {
    isScrolled = next
    if (next) held.hold()
    else held.release()
    events.hold(next)
  }
  const listKey = computed(() => JSON.stringify([asked.value, toValue(question).isGrouped]))
  watch(listKey, () => hold(false))

  function toggle(key: string) {
    const next = new Set(opened.value)
    if (!next.delete(key)) next.add(key)
    opened.value = next
  }

  return {
    rows, facets, listKey, hold, toggle,
    waiting: held.waiting,
    isPending: computed(() => events.isPending.value || (needsRuns.value && runs.isPending.value)),
    error: computed(() => events.error.value ?? (needsRuns.value ? runs.error.value : null)),
    hasMore: events.hasNextPage,
    isLoadingMore: events.isFetchingNextPage,
    moreError: events.olderError,
    loadMore: () => void events.fetchNextPage(),
    retry: () => { void events.refetch(); void runs.refetch() },
  }
}
