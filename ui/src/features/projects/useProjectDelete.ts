import { useToast } from '@nuxt/ui/composables'
import { useI18n } from 'vue-i18n'
import { useDeferredDelete } from '@/api/queries/deleteProject'
import type { Project } from '@/api/types'
import { visibleLine } from '@/shared/format/visibleText'

const UNDO_MS = 7000

/** Hides a project at once and deletes it when its toast closes, unless the reader takes it back. */
export function useProjectDelete() {
  const { t } = useI18n()
  const toast = useToast()
  const deferred = useDeferredDelete()

  async function commit(project: Project) {
    try { await deferred.commit(project.id) }
    catch { toast.add({ title: t('delete.failed', { name: visibleLine(project.name) }), color: 'error', icon: 'i-lucide-circle-alert' }) }
  }

  function remove(project: Project) {
    deferred.hide(project.id)
    toast.add({
      title: t('delete.done', { name: visibleLine(project.name) }),
      icon: 'i-lucide-trash-2',
      color: 'neutral',
      duration: UNDO_MS,
      orientation: 'horizontal',
      actions: [{ label: t('action.undo'), color: 'neutral', variant: 'outline', onClick: () => deferred.undo(project.id) }],
      // Undo closes the toast too: its handler gets its turn first.
      'onUpdate:open': open => { if (!open) setTimeout(() => void commit(project)) },
    })
  }

  return { remove }
}
