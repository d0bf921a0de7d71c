import { computed, type Ref, ref, watch } from 'vue'

/** While the reader has scrolled, the list holds still; what is newer than its top waits and is counted. */
export function useHeldList<T extends { key: string }>(entries: Readonly<Ref<readonly T[]>>, isScrolled: Readonly<Ref<boolean>>) {
  const heldKey = ref<string>()
  const waiting = computed(() => {
    if (heldKey.value === undefined) return 0
    return Math.max(0, entries.value.findIndex(entry => entry.key === heldKey.value))
  })
  const shown = computed(() => waiting.value > 0 ? entries.value.slice(waiting.value) : entries.value)

  watch(isScrolled, scrolled => { heldKey.value = scrolled ? shown.value[0]?.key : undefined })

  return { shown, waiting, release: () => { heldKey.value = undefined } }
}
