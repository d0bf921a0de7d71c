import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { type AppLocale, setLocale } from '@/i18n'

export function useLocaleChoice() {
  const { locale } = useI18n()
  return {
    locale: computed(() => locale.value as AppLocale),
    choose: (value: AppLocale) => { void setLocale(value) },
  }
}
