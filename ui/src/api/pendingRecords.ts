import { createGlobalState } from '@vueuse/core'
import { readonly, ref } from 'vue'

/** Profiles and capabilities that are hidden, but not deleted yet: the reader may still undo. */
export const usePendingRecords = createGlobalState(() => {
  const marks = ref<ReadonlySet<string>>(new Set())
  function add(mark: string) { marks.value = new Set([...marks.value, mark]) }
  function remove(mark: string) { marks.value = new Set([...marks.value].filter(other => other !== mark)) }
  return { marks: readonly(marks), isPending: (mark: string) => marks.value.has(mark), add, remove }
})
