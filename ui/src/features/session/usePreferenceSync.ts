import { useI18n } from 'vue-i18n'
import { watch } from 'vue'
import { type Preferences, usePreferences } from '@/api/queries/preferences'
import { type AppLocale, locales, setLocale } from '@/i18n'
import { themes, useTheme } from '@/shared/composables/useTheme'

/**
 * Theme and language follow the person: what the server keeps is applied when it is first known, and what is chosen here is
 * kept there. This browser's own storage stays what the first paint looks at.
 */
export function usePreferenceSync() {
  const { owner, preferences, save } = usePreferences()
  const { theme } = useTheme()
  const { locale } = useI18n()
  /** Whose were applied. What is chosen before they are known is newer than they. */
  let applied: string | undefined
  let chosenHere: Preferences = {}

  watch([owner, preferences], ([name, known]) => {
    if (!name || !known || applied === name) return
    applied = name
    const wanted = { ...known, ...chosenHere }
    theme.value = themes.find(value => value === wanted.theme) ?? theme.value
    const language = locales.find(value => value === wanted.language)
    if (language && language !== locale.value) void setLocale(language)
    if (Object.keys(chosenHere).length > 0) save(chosenHere)
    chosenHere = {}
  }, { immediate: true })

  function choose(change: { theme?: string, language?: AppLocale }) {
    if (applied === undefined || applied !== owner.value) chosenHere = { ...chosenHere, ...change }
    else if (Object.entries(change).some(([name, value]) => preferences.value?.[name] !== value)) save(change)
  }
  watch(theme, value => choose({ theme: value }))
  watch(locale, value => choose({ language: value as AppLocale }))
}
