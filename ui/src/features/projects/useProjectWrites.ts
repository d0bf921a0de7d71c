import { useToast } from '@nuxt/ui/composables'
import { useI18n } from 'vue-i18n'
import { useProjectEdits } from '@/api/queries/editProjects'
import type { ProjectPatch } from '@/api/queries/projects'
import { isApiError, type Project } from '@/api/types'
import { visibleLine } from '@/shared/format/visibleText'
import { placeBeside, type Side } from './board'

export interface Place { target: string, side: Side }

/** Edits without a form: shown at once; when the server refuses, the list goes back and a toast says why. */
export function useProjectWrites() {
  const { t } = useI18n()
  const toast = useToast()
  const { edit, reorder, orderedIds } = useProjectEdits()

  function sayRefused(project: Project, error: unknown) {
    const name = visibleLine(project.name)
    const isConflict = isApiError(error, 'conflict')
    toast.add({
      color: isConflict ? 'warning' : 'error',
      icon: isConflict ? 'i-lucide-git-merge' : 'i-lucide-circle-alert',
      title: isConflict ? t('write.conflict', { name }) : t('write.failed', { name }),
      description: isConflict ? t('write.conflictHint') : reasonOf(error),
    })
  }

  function reasonOf(error: unknown): string {
    if (isApiError(error, 'unreachable')) return t('error.unreachable')
    if (isApiError(error, 'project_not_found')) return t('write.gone')
    return visibleLine(error instanceof Error ? error.message : String(error))
  }

  /** False: it was refused, and the reader was told. */
  async function change(project: Project, patch: ProjectPatch): Promise<boolean> {
    try { await edit({ project, patch }) }
    catch (error) { sayRefused(project, error); return false }
    return true
  }

  /** Puts a project beside another in the manual order. */
  async function arrange(project: Project, place: Place, after?: Promise<boolean>): Promise<boolean> {
    const ids = placeBeside(orderedIds(), project.id, place.target, place.side)
    if (!ids) return true
    let isHeard = false
    const due = after?.then(done => { isHeard = !done; if (!done) throw new Error('not moved') })
    try { await reorder(ids, due) }
    catch (error) {
      if (!isHeard) toast.add({ color: 'error', icon: 'i-lucide-circle-alert', title: t('write.orderFailed'), description: reasonOf(error) })
      return false
    }
    return true
  }

  /** To another status and, in manual order, to a place among its projects. */
  async function move(project: Project, status: string, place?: Place): Promise<boolean> {
    if (project.status === status) return place ? arrange(project, place) : true
    const moved = change(project, { status: status as Project['status'] })
    if (!place) return moved
    const [isMoved, isPlaced] = await Promise.all([moved, arrange(project, place, moved)])
    return isMoved && isPlaced
  }

  return { change, move }
}
