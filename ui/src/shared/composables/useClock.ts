import { createSharedComposable, useIntervalFn } from '@vueuse/core'
import { readonly, ref } from 'vue'

/** One clock for every relative time on the page. */
export const useClock = createSharedComposable(() => {
  const now = ref(Date.now())
  useIntervalFn(() => { now.value = Date.now() }, 10_000)
  return readonly(now)
})
