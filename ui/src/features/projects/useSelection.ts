import { computed, type Ref, shallowRef } from 'vue'
import type { Project } from '@/api/types'

/** Rows chosen for a batch. Only what is shown counts: a filter takes rows out of reach, not out of the choice. */
export function useSelection(shown: Readonly<Ref<readonly Project[]>>) {
  const ids = shallowRef<ReadonlySet<string>>(new Set())
  let anchor = ''

  const selected = computed(() => shown.value.filter(project => ids.value.has(project.id)))
  const extent = computed<'none' | 'some' | 'all'>(() => {
    if (selected.value.length === 0) return 'none'
    return selected.value.length === shown.value.length ? 'all' : 'some'
  })

  /** With `isRange`, everything from the row clicked before gets the same state. */
  function toggle(id: string, isRange: boolean) {
    const isOn = !ids.value.has(id)
    const next = new Set(ids.value)
    for (const one of isRange ? between(anchor, id) : [id]) {
      if (isOn) next.add(one)
      else next.delete(one)
    }
    anchor = id
    ids.value = next
  }

  function between(from: string, to: string): string[] {
    const list = shown.value.map(project => project.id)
    const ends = [list.indexOf(from), list.indexOf(to)].toSorted((a, b) => a - b) as [number, number]
    return ends[0] < 0 ? [to] : list.slice(ends[0], ends[1] + 1)
  }

  function toggleAll() {
    ids.value = extent.value === 'all' ? new Set() : new Set(shown.value.map(project => project.id))
  }

  function choose(projects: readonly Project[]) { ids.value = new Set(projects.map(project => project.id)) }
  function clear() { ids.value = new Set() }

  return { ids, selected, extent, toggle, toggleAll, choose, clear }
}
