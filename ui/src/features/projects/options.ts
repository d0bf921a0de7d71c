import { useI18n } from 'vue-i18n'
import { type Look, lookOf, priorities, priorityLooks, statuses, statusLooks, toneText } from '@/i18n/enums'
import { visibleLine } from '@/shared/format/visibleText'

export interface WordOption { value: string, label: string, icon?: string, iconClass?: string }

/** The words of a field as choices. An imported odd word stays choosable, so that saving does not change it. */
export function useWordOptions() {
  const { t } = useI18n()

  function optionsOf(looks: Record<string, Look>, known: readonly string[], own?: string): WordOption[] {
    return [...new Set([...known, ...own === undefined ? [] : [own]])].map(value => {
      const look = lookOf(looks, value)
      return { value, label: look ? t(look.label) : visibleLine(value), icon: look?.icon, iconClass: look && toneText[look.tone] }
    })
  }

  return {
    statusOptions: (own?: string) => optionsOf(statusLooks, statuses, own),
    priorityOptions: (own?: string) => optionsOf(priorityLooks, priorities, own),
  }
}
