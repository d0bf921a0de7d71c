import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/vue-query'
import type { UsageFilter, UsageKey } from '@/transport'
import { useTransport } from '../client'
import { keys } from './keys'

/** The reader's own zone: days begin where the reader's do. */
export const readerZone = Intl.DateTimeFormat().resolvedOptions().timeZone

const dayParts = new Intl.DateTimeFormat('en', { timeZone: readerZone, year: 'numeric', month: '2-digit', day: '2-digit' })

/** The reader's day of a moment, as YYYY-MM-DD. Put together from parts: no locale writes it so in every engine. */
export function readerDay(time: number | Date): string {
  const parts = new Map(dayParts.formatToParts(time).map(part => [part.type, part.value]))
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`
}

export function useOverview() {
  const transport = useTransport()
  return useQuery({
    queryKey: keys.figures('overview'),
    queryFn: async () => (await transport.call('get_overview', { filter: { tz: readerZone } })).data,
  })
}

export function useTokenStats(filter: MaybeRefOrGetter<UsageFilter>) {
  const transport = useTransport()
  const asked = computed(() => ({ tz: readerZone, ...toValue(filter) }))
  return useQuery({
    queryKey: computed(() => keys.figures('tokens', asked.value)),
    queryFn: async () => (await transport.call('get_token_stats', { filter: asked.value })).data,
    placeholderData: keepPreviousData,
  })
}

/** Tokens and cost of each day, split by one key. */
export function useTokenSeries(filter: MaybeRefOrGetter<UsageFilter & { by: UsageKey }>) {
  const transport = useTransport()
  const asked = computed(() => ({ tz: readerZone, ...toValue(filter) }))
  return useQuery({
    queryKey: computed(() => keys.figures('series', asked.value)),
    queryFn: async () => (await transport.call('get_token_series', { filter: asked.value })).data,
    placeholderData: keepPreviousData,
  })
}

/** Events, tokens and cost of single runs, by their ids. */
export function useRunFigures(ids: MaybeRefOrGetter<readonly string[]>) {
  const transport = useTransport()
  // The server takes 200 at once.
  const asked = computed(() => toValue(ids).slice(0, 200))
  const query = useQuery({
    queryKey: computed(() => keys.figures('runs', asked.value)),
    queryFn: async () => (await transport.call('get_run_figures', { filter: { ids: asked.value } })).data,
    enabled: computed(() => asked.value.length > 0),
    placeholderData: keepPreviousData,
  })
  const figures = computed(() => new Map((query.data.value ?? []).map(row => [row.runId, row])))
  return { ...query, figures }
}

/** Saves the matching records as CSV: a download, or a native dialog. Undefined when the reader closed it. */
export function useSaveUsage() {
  const transport = useTransport()
  return useMutation({ mutationFn: (filter: UsageFilter) => transport.files.saveUsage(filter) })
}
