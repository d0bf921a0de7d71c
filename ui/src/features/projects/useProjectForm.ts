import { readonly, ref, shallowReadonly, shallowRef } from 'vue'
import { useCreateProject, useUpdateProject } from '@/api/queries/projects'
import { isApiError, type Project } from '@/api/types'
import { changedFields, patchOf, valuesOf } from './form'
import { type Field, merged, type Side } from './merge'

export interface FieldError { name: string, message: string }

/** State of the form for one project, or for a new one with that status. */
export function useProjectForm(initial?: Project, status?: string) {
  const create = useCreateProject()
  const update = useUpdateProject()
  const base = shallowRef(initial)
  const values = ref(valuesOf(initial))
  if (!initial && status) values.value.status = status
  const conflict = shallowRef<Project>()
  const failure = ref('')
  const isSaving = ref(false)

  /** The saved record; undefined when something has to be decided or mended first. */
  async function save(onFieldError: (error: FieldError) => void): Promise<Project | undefined> {
    isSaving.value = true
    failure.value = ''
    try {
      const project = base.value
      const patch = patchOf(values.value, valuesOf(project))
      if (!project) return await create.mutateAsync({ ...patch, name: values.value.name })
      return await update.mutateAsync({ id: project.id, patch, ifUpdatedAt: project.updatedAt })
    }
    catch (error) {
      if (isApiError(error, 'conflict') && error.body.current) conflict.value = error.body.current as unknown as Project
      else if (isApiError(error) && error.body.field) onFieldError({ name: error.body.field.split('.')[0] ?? '', message: error.message })
      else failure.value = error instanceof Error ? error.message : String(error)
      return undefined
    }
    finally { isSaving.value = false }
  }

  function takeTheirs() {
    base.value = conflict.value
    values.value = valuesOf(conflict.value)
    conflict.value = undefined
  }

  /** Puts together what was picked of both, on top of their version. */
  function merge(picks: Partial<Record<Field, Side>>) {
    if (!conflict.value) return
    values.value = merged(valuesOf(base.value), values.value, valuesOf(conflict.value), picks)
    base.value = conflict.value
    conflict.value = undefined
  }

  function isDirty(): boolean {
    return changedFields(values.value, valuesOf(base.value)).length > 0
  }

  return { values, base: shallowReadonly(base), save, takeTheirs, merge, isDirty, conflict: shallowReadonly(conflict), failure: readonly(failure), isSaving: readonly(isSaving) }
}
