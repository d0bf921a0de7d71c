import { computed } from 'vue'
import { useLastSeen } from '@/api/queries/activity'
import { useEventFacets } from '@/api/queries/events'
import { readerDay, useTokenSeries, useTokenStats } from '@/api/queries/figures'
import { useProfiles } from '@/api/queries/profiles'
import { useRunFacets, useRuns } from '@/api/queries/runs'
import { daysBetween } from '@/shared/charts/series'
import { useClock } from '@/shared/composables/useClock'
import { activityOf, agentIdsOf, dailyOf } from './activity'

const DAYS = 30

/** What every agent did in the last 30 days. Parts that the server cannot tell are left out. */
export function useActivity() {
  const now = useClock()
  const today = computed(() => readerDay(now.value))
  const first = computed(() => new Date(Date.parse(`${today.value}T00:00:00Z`) - (DAYS - 1) * 86_400_000).toISOString().slice(0, 10))
  const days = computed(() => daysBetween(first.value, today.value))
  // Runs are counted from the reader's own midnight, too.
  const since = computed(() => new Date(`${first.value}T00:00:00`).toISOString())

  const { records: profiles } = useProfiles()
  const { runs } = useRuns({ status: 'running' })
  const { data: everRun } = useRunFacets({})
  const { data: everSeen } = useEventFacets({})
  const { data: completed } = useRunFacets(() => ({ status: 'completed', since: since.value }))
  const { data: failed } = useRunFacets(() => ({ status: 'failed', since: since.value }))
  const { data: everUsed, error, refetch } = useTokenStats({})
  const { data: stats } = useTokenStats(() => ({ since: first.value, until: today.value }))
  const { data: cells } = useTokenSeries(() => ({ by: 'agent' as const, since: first.value, until: today.value }))

  const running = computed(() => {
    const counts = new Map<string, number>()
    for (const run of runs.value) if (run.agentId) counts.set(run.agentId, (counts.get(run.agentId) ?? 0) + 1)
    return counts
  })
  const ids = computed(() => agentIdsOf(
    (profiles.value ?? []).map(profile => profile.id), [...running.value.keys()],
    (everRun.value?.agents ?? []).map(row => row.value), (everSeen.value?.agents ?? []).map(row => row.value), (everUsed.value?.byAgent ?? []).map(row => row.agentId),
  ))
  const lastSeen = useLastSeen(ids)
  const rows = computed(() => profiles.value && everUsed.value && activityOf({
    profiles: profiles.value, ids: ids.value, running: running.value, lastSeen: lastSeen.value,
    completed: completed.value?.agents ?? [], failed: failed.value?.agents ?? [], usage: stats.value?.byAgent ?? [],
  }))
  const tokensByDay = computed(() => dailyOf((cells.value ?? []).map(cell => ({ ...cell, value: cell.totalTokens })), days.value))
  const costByDay = computed(() => dailyOf((cells.value ?? []).map(cell => ({ ...cell, value: cell.cost })), days.value))
  return { rows, days, tokensByDay, costByDay, hasDays: computed(() => cells.value !== undefined), error, refetch }
}
