import { useToast } from '@nuxt/ui/composables'
import { useI18n } from 'vue-i18n'
import { visibleLine } from '@/shared/format/visibleText'

const UNDO_MS = 7000

interface Removal { hide: (id: string) => void, undo: (id: string) => void, commit: (id: string) => Promise<void> }

/** Hides a record at once and deletes it when the toast closes, unless the reader takes it back. */
export function useRecordDelete({ hide, undo, commit }: Removal) {
  const { t } = useI18n()
  const toast = useToast()

  async function finish(record: { id: string, name: string }) {
    try { await commit(record.id) }
    catch { toast.add({ title: t('agents.deleteFailed', { name: visibleLine(record.name) }), color: 'error', icon: 'i-lucide-circle-alert' }) }
  }

  return (record: { id: string, name: string }) => {
    hide(record.id)
    toast.add({
      title: t('agents.deleted', { name: visibleLine(record.name) }),
      icon: 'i-lucide-trash-2',
      color: 'neutral',
      duration: UNDO_MS,
      orientation: 'horizontal',
      actions: [{ label: t('action.undo'), color: 'neutral', variant: 'outline', onClick: () => undo(record.id) }],
      // Undo closes the toast too: its handler gets its turn first.
      'onUpdate:open': open => { if (!open) setTimeout(() => void finish(record)) },
    })
  }
}
