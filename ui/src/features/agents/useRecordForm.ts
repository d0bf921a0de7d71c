import { readonly, ref, type Ref, shallowReadonly, shallowRef } from 'vue'
import { IdTaken } from '@/api/queries/records'
import { isApiError } from '@/api/types'
import { bodyOf, type CommonValues, type Difference, differencesOf, type RecordShape, valuesOf } from './record'

export interface FieldError { name: string, message: string }
interface Stamped { id: string, updatedAt: string }
interface Writes<R> {
  create: (body: Record<string, unknown>) => Promise<R>
  update: (input: { id: string, body: Record<string, unknown> }) => Promise<R>
}

/** State of the form for one record, or for a new one that starts with these values. */
export function useRecordForm<R extends Stamped, V extends CommonValues>(shape: RecordShape<V>, writes: Writes<R>, initial?: R, start?: V, source?: R) {
  const base = shallowRef(initial)
  const first = start ?? valuesOf(shape, initial)
  const values = ref(structuredClone(first)) as Ref<V>
  const conflict = shallowRef<R>()
  const failure = ref('')
  const isSaving = ref(false)

  /** The saved record; undefined when something has to be decided or mended first. */
  async function save(say: { idTaken: string }, onFieldError: (error: FieldError) => void): Promise<R | undefined> {
    isSaving.value = true
    failure.value = ''
    try {
      const record = base.value
      const body = bodyOf(shape, values.value, record, record ?? source)
      if (!record) return await writes.create(body)
      if (Object.keys(body).length === 0) return record
      return await writes.update({ id: record.id, body: { ...body, ifUpdatedAt: record.updatedAt } })
    }
    catch (error) {
      if (error instanceof IdTaken) onFieldError({ name: 'id', message: say.idTaken })
      else if (isApiError(error, 'conflict') && error.body.current) conflict.value = error.body.current as unknown as R
      else if (isApiError(error) && error.body.field) onFieldError({ name: /^[^.[]+/.exec(error.body.field)?.[0] ?? '', message: error.message })
      else failure.value = error instanceof Error ? error.message : String(error)
      return undefined
    }
    finally { isSaving.value = false }
  }

  function differences(): Difference[] {
    if (!conflict.value) return []
    return differencesOf(valuesOf(shape, base.value), values.value, valuesOf(shape, conflict.value))
  }

  /** Goes on from their version; of the reader's values those that were chosen stay. */
  function merge(mine: ReadonlySet<string>) {
    const theirs = valuesOf(shape, conflict.value)
    const kept = Object.entries(values.value).filter(([key]) => mine.has(key))
    base.value = conflict.value
    values.value = { ...theirs, ...Object.fromEntries(kept) }
    conflict.value = undefined
  }

  function isDirty(): boolean {
    if (base.value) return Object.keys(bodyOf(shape, values.value, base.value)).length > 0
    return JSON.stringify(values.value) !== JSON.stringify(first)
  }

  return { values, base: shallowReadonly(base), conflict: shallowReadonly(conflict), failure: readonly(failure), isSaving: readonly(isSaving), save, differences, merge, isDirty }
}
