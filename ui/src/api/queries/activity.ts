import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { useQueries } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { keys } from './keys'
import { useEvents } from './events'
import { useRuns } from './runs'

/** When each agent was last heard of, by event or run. Asked once; from then on the live lists tell. */
export function useLastSeen(agentIds: MaybeRefOrGetter<readonly string[]>) {
  const transport = useTransport()
  const { events } = useEvents({})
  const { runs } = useRuns({})

  async function read(agentId: string): Promise<string> {
    const [event, run] = await Promise.all([
      transport.call('list_events', { filter: { agentId, order: 'desc', limit: 1 } }),
      transport.call('list_runs', { filter: { agentId, limit: 1 } }),
    ])
    return later(event.data[0]?.ts, run.data[0]?.updatedAt)
  }

  const asked = useQueries({
    queries: computed(() => toValue(agentIds).map(id => ({ queryKey: keys.lastSeen(id), queryFn: () => read(id), staleTime: Infinity }))),
  })

  return computed(() => {
    const seen = new Map<string, string>()
    toValue(agentIds).forEach((id, place) => seen.set(id, asked.value[place]?.data ?? ''))
    for (const event of events.value) if (event.agentId) seen.set(event.agentId, later(seen.get(event.agentId), event.ts))
    for (const run of runs.value) if (run.agentId) seen.set(run.agentId, later(seen.get(run.agentId), run.updatedAt))
    return seen
  })
}

/** The server writes all times alike, so they compare as texts. */
function later(a = '', b = ''): string {
  return a > b ? a : b
}
