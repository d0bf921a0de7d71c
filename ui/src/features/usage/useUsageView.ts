import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { readerDay } from '@/api/queries/figures'
import type { UsageFilter, UsageKey } from '@/api/types'
import { useClock } from '@/shared/composables/useClock'
import { useUrlState } from '@/shared/composables/useUrlState'
import { type DayRange, isDay, rangeOf, ranges } from './range'

export const usageKeys: readonly UsageKey[] = ['model', 'project', 'agent', 'workspace', 'source']
export const measures = ['cost', 'tokens'] as const

/** What the usage screens show, in the address. A project page fixes the project. */
export function useUsageView(projectId: MaybeRefOrGetter<string | undefined>) {
  const url = useUrlState()
  const now = useClock()
  const range = url.choice('range', ranges, 'month')
  const since = url.text('since')
  const until = url.text('until')
  const fields = { project: url.text('project'), agent: url.text('agent'), model: url.text('model'), workspace: url.text('workspace'), source: url.text('source') }
  const by = url.choice<UsageKey>('by', usageKeys, 'model')
  const measure = url.choice('measure', measures, 'cost')

  const today = computed(() => readerDay(now.value))
  const own = computed<DayRange>(() => ({ since: isDay(since.value) ? since.value : undefined, until: isDay(until.value) ? until.value : undefined }))
  const days = computed(() => rangeOf(range.value, today.value, own.value))
  const filter = computed<UsageFilter>(() => ({
    ...days.value, projectId: toValue(projectId) ?? (fields.project.value || undefined), agentId: fields.agent.value || undefined,
    model: fields.model.value || undefined, workspace: fields.workspace.value || undefined, source: fields.source.value || undefined,
  }))
  const isFiltered = computed(() => Object.values(fields).some(field => field.value !== ''))
  function clear() { url.patchQuery({ project: undefined, agent: undefined, model: undefined, workspace: undefined, source: undefined }) }
  function choose(key: UsageKey, value: string) { fields[key].value = value }
  function setDays(next: DayRange) { url.patchQuery({ range: 'custom', since: next.since, until: next.until }) }

  return { range, own, days, today, fields, by, measure, filter, isFiltered, choose, clear, setDays }
}
export type UsageView = ReturnType<typeof useUsageView>
