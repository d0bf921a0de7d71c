import { useToast } from '@nuxt/ui/composables'
import { useI18n } from 'vue-i18n'
import { useDeferredDelete } from '@/api/queries/deleteProject'
import type { Project } from '@/api/types'
import { visibleLine } from '@/shared/format/visibleText'

const UNDO_MS = 7000

/** Hides projects at once and deletes them when the toast closes, unless the reader takes it back. */
export function useProjectDelete() {
  const { t } = useI18n()
  const toast = useToast()
  const deferred = useDeferredDelete()

  async function commit(projects: readonly Project[]) {
    const kept: Project[] = []
    for (const project of projects) {
      try { await deferred.commit(project.id) }
      catch { kept.push(project) }
    }
    const [first] = kept
    if (!first) return
    const title = kept.length === 1 ? t('delete.failed', { name: visibleLine(first.name) }) : t('delete.failedMany', { n: kept.length }, kept.length)
    toast.add({ title, color: 'error', icon: 'i-lucide-circle-alert' })
  }

  function removeMany(projects: readonly Project[]) {
    const [first] = projects
    if (!first) return
    deferred.hide(...projects.map(project => project.id))
    toast.add({
      title: projects.length === 1 ? t('delete.done', { name: visibleLine(first.name) }) : t('delete.doneMany', { n: projects.length }, projects.length),
      icon: 'i-lucide-trash-2',
      color: 'neutral',
      duration: UNDO_MS,
      orientation: 'horizontal',
      actions: [{ label: t('action.undo'), color: 'neutral', variant: 'outline', onClick: () => deferred.undo(...projects.map(project => project.id)) }],
      // Undo closes the toast too: its handler gets its turn first.
      'onUpdate:open': open => { if (!open) setTimeout(() => void commit(projects)) },
    })
  }

  return { remove: (project: Project) => removeMany([project]), removeMany }
}
