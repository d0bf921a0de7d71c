import { createGlobalState } from '@vueuse/core'
import { readonly, ref } from 'vue'

/** Projects that are hidden, but not deleted yet: the reader may still undo. */
export const usePendingDeletes = createGlobalState(() => {
  const ids = ref<ReadonlySet<string>>(new Set())
  function add(...more: string[]) { ids.value = new Set([...ids.value, ...more]) }
  function remove(...gone: string[]) { ids.value = new Set([...ids.value].filter(id => !gone.includes(id))) }
  return { ids: readonly(ids), isPending: (id: string) => ids.value.has(id), add, remove }
})
