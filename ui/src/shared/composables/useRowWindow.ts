import { useElementSize } from '@vueuse/core'
import { computed, type MaybeRefOrGetter, type Ref, ref, toValue } from 'vue'

const OVERSCAN = 10

/**
 * Which of many rows of one height are in sight. Equal heights need no measuring, so a row more costs nothing:
 * a virtualiser that keeps a place for each of 100,000 rows would count them all anew with every arrival.
 */
export function useRowWindow(scroller: Readonly<Ref<HTMLElement | null>>, count: MaybeRefOrGetter<number>, rowHeight: number) {
  const top = ref(0)
  const { height } = useElementSize(scroller)
  const first = computed(() => Math.max(0, Math.min(Math.floor(top.value / rowHeight), toValue(count)) - OVERSCAN))
  const end = computed(() => Math.min(toValue(count), Math.ceil((top.value + height.value) / rowHeight) + OVERSCAN))

  function scrolled() { top.value = scroller.value?.scrollTop ?? 0 }

  function scrollTo(offset: number) {
    scroller.value?.scrollTo({ top: offset })
    scrolled()
  }
  /** As little as brings the row into sight. */
  function reveal(index: number) {
    const start = index * rowHeight
    if (start < top.value) scrollTo(start)
    else if (start + rowHeight > top.value + height.value) scrollTo(start + rowHeight - height.value)
  }
  return { top, first, end, scrolled, scrollTo, reveal }
}
