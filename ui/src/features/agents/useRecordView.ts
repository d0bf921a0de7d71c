import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { useI18n } from 'vue-i18n'
import { useUrlState } from '@/shared/composables/useUrlState'
import { enabledChoices, filterRecords } from './filter'

interface Listed { id: string, name: string, enabled: boolean, updatedAt: string }

/** What a list of profiles or capabilities shows, and which of them is open, in the address. */
export function useRecordView<T extends Listed>(records: MaybeRefOrGetter<readonly T[] | undefined>) {
  const { locale } = useI18n()
  const url = useUrlState()
  const q = url.text('q')
  const enabled = url.choice('enabled', enabledChoices, '')
  const editing = url.text('edit')
  const creating = url.choice('new', ['', '1'] as const, '')
  const copying = url.text('copy')

  const filtered = computed(() => filterRecords(toValue(records) ?? [], q.value, enabled.value, locale.value))
  const isFiltered = computed(() => q.value.trim() !== '' || enabled.value !== '')
  const find = (id: string) => toValue(records)?.find(record => record.id === id)
  // Deleted elsewhere meanwhile: what is being written stays on the screen.
  const edited = computed<T | undefined>(last => find(editing.value) ?? (last?.id === editing.value ? last : undefined))
  const copied = computed(() => find(copying.value))

  function clear() { url.patchQuery({ q: undefined, enabled: undefined }) }
  function close() { url.patchQuery({ edit: undefined, new: undefined, copy: undefined, id: undefined }) }
  return { q, enabled, editing, creating, copying, filtered, isFiltered, edited, copied, clear, close }
}
