import { useClipboard } from '@vueuse/core'

/** Copies with a fallback: over plain http from another machine the browser has no clipboard. */
export function useCopy() {
  const { copy, copied } = useClipboard({ legacy: true, copiedDuring: 1600 })
  return { copy, copied }
}
