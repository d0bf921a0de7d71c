import { computed, type Ref, shallowRef } from 'vue'
import type { EventChunk, EventLog } from '@/api/live/eventLog'
import type { RunMark } from './timeline'

interface Held { id: string, ts: string, at: string }

/** While the reader has scrolled, the list holds still: what is newer than its top waits and is counted. */
export function useHeld(log: Readonly<Ref<EventLog | undefined>>, marks: Readonly<Ref<readonly RunMark[]>>) {
  const held = shallowRef<Held>()

  const place = computed(() => held.value && log.value && placeOf(log.value.chunks, held.value))
  const chunks = computed<readonly EventChunk[]>(() => {
    const all = log.value?.chunks ?? []
    if (!place.value) return all
    const { chunk, index } = place.value
    return index === 0 ? all.slice(chunk) : [all[chunk]?.slice(index) ?? [], ...all.slice(chunk + 1)]
  })
  const shownMarks = computed(() => {
    const at = place.value && held.value?.at
    return at === undefined ? marks.value : marks.value.filter(mark => mark.at <= at)
  })
  const waiting = computed(() => {
    if (!place.value) return 0
    return place.value.above + (log.value?.letGo ?? 0) + marks.value.length - shownMarks.value.length
  })

  function hold() {
    const top = log.value?.chunks[0]?.[0]
    const mark = marks.value[0]?.at ?? ''
    if (top && !place.value) held.value = { id: top.id, ts: top.ts, at: mark > top.ts ? mark : top.ts }
  }
  return { chunks, marks: shownMarks, waiting, hold, release: () => { held.value = undefined } }
}

/** Undefined when it is not there any more: a filter or a restore took it away. */
function placeOf(chunks: readonly EventChunk[], held: Held): { chunk: number, index: number, above: number } | undefined {
  let above = 0
  for (const [chunk, events] of chunks.entries()) {
    if ((events.at(-1)?.ts ?? '') <= held.ts) {
      const index = events.findIndex(event => event.id === held.id)
      if (index >= 0) return { chunk, index, above: above + index }
      if ((events.at(-1)?.ts ?? '') < held.ts) return undefined
    }
    above += events.length
  }
  return undefined
}
