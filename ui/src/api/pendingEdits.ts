import { createGlobalState } from '@vueuse/core'
import { shallowRef } from 'vue'
import type { Project } from './types'

/** What is changed, by project. */
type Edits = ReadonlyMap<string, Partial<Project>>

/** Edits that are shown already, but not answered yet. Taken away, the server's word shows again: that is the roll-back. */
export const usePendingEdits = createGlobalState(() => {
  const shown = shallowRef<readonly Edits[]>([])
  const order = shallowRef<readonly string[]>()

  /** Returns how to take them away. */
  function show(edits: Edits): () => void {
    shown.value = [...shown.value, edits]
    return () => { shown.value = shown.value.filter(other => other !== edits) }
  }

  function showOrder(ids: readonly string[]): () => void {
    order.value = ids
    return () => { if (order.value === ids) order.value = undefined }
  }

  function withEdits(projects: readonly Project[]): readonly Project[] {
    const edited = shown.value.length > 0 ? projects.map(withOwn) : projects
    return order.value ? inOrder(edited, order.value) : edited
  }

  function withOwn(project: Project): Project {
    return shown.value.reduce((result, edits) => edits.has(project.id) ? { ...result, ...edits.get(project.id) } : result, project)
  }

  return { show, showOrder, withEdits }
})

/** The listed ones first; the rest follow as they stood: what the server does. */
export function inOrder<T extends { id: string }>(records: readonly T[], ids: readonly string[]): T[] {
  const places = new Map(ids.map((id, place) => [id, place]))
  const placeOf = (record: T) => places.get(record.id) ?? ids.length
  return records.toSorted((a, b) => placeOf(a) - placeOf(b))
}
