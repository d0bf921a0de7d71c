import { useToast } from '@nuxt/ui/composables'
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { visibleLine } from '@/shared/format/visibleText'

type Update = (input: { id: string, body: Record<string, unknown> }) => Promise<unknown>

/** Switches records on and off: shown at once, and back when it is refused. Says what is wanted, so no stamp is needed. */
export function useRecordSwitch(update: Update) {
  const { t } = useI18n()
  const toast = useToast()
  const asked = ref<ReadonlyMap<string, boolean>>(new Map())

  async function set(record: { id: string, name: string }, enabled: boolean) {
    asked.value = new Map(asked.value).set(record.id, enabled)
    try { await update({ id: record.id, body: { enabled } }) }
    catch (error) {
      const description = visibleLine(error instanceof Error ? error.message : String(error))
      toast.add({ title: t('agents.notSwitched', { name: visibleLine(record.name) }), description, color: 'error', icon: 'i-lucide-circle-alert' })
    }
    finally {
      const left = new Map(asked.value)
      left.delete(record.id)
      asked.value = left
    }
  }

  return { set, isOn: (record: { id: string, enabled: boolean }) => asked.value.get(record.id) ?? record.enabled }
}
