import { useTitle } from '@vueuse/core'
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { useI18n } from 'vue-i18n'

/** The name of the tab and of the entry in the browser's history. */
export function usePageTitle(page: MaybeRefOrGetter<string>) {
  const { t } = useI18n()
  useTitle(computed(() => t('app.title', { page: toValue(page) })))
}
