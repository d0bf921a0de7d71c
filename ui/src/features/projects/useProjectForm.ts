import { readonly, ref, shallowReadonly, shallowRef } from 'vue'
import { useCreateProject, useUpdateProject } from '@/api/queries/projects'
import { isApiError, type Project } from '@/api/types'
import { patchOf, valuesOf } from './form'

export interface FieldError { name: string, message: string }

/** State of the form for one project, or for a new one. */
export function useProjectForm(initial?: Project) {
  const create = useCreateProject()
  const update = useUpdateProject()
  const base = shallowRef(initial)
  const values = ref(valuesOf(initial))
  const conflict = shallowRef<Project>()
  const failure = ref('')
  const isSaving = ref(false)

  /** The saved record; undefined when something has to be decided or mended first. */
  async function save(onFieldError: (error: FieldError) => void): Promise<Project | undefined> {
    isSaving.value = true
    failure.value = ''
    try {
      const project = base.value
      const patch = patchOf(values.value, valuesOf(project), project)
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

  /** Keeps what the reader typed, on top of their version. */
  function keepMine() {
    base.value = conflict.value
    conflict.value = undefined
  }

  function isDirty(): boolean {
    return Object.keys(patchOf(values.value, valuesOf(base.value), base.value)).length > 0
  }

  return { values, save, takeTheirs, keepMine, isDirty, conflict: shallowReadonly(conflict), failure: readonly(failure), isSaving: readonly(isSaving) }
}
