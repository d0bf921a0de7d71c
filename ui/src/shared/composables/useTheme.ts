import { createGlobalState, usePreferredDark, useStorage } from '@vueuse/core'
import { computed, watchEffect } from 'vue'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = typeof themes[number]

/** The reader's choice; public/theme.js reads the same key before the first paint. */
export const useTheme = createGlobalState(() => {
  const stored = useStorage<string>('pilotdeck.theme', 'system')
  const prefersDark = usePreferredDark()
  const theme = computed<Theme>({
    get: () => themes.find(name => name === stored.value) ?? 'system',
    set: value => { stored.value = value },
  })
  const isDark = computed(() => theme.value === 'dark' || (theme.value === 'system' && prefersDark.value))
  watchEffect(() => {
    document.documentElement.classList.toggle('dark', isDark.value)
    document.documentElement.style.colorScheme = isDark.value ? 'dark' : 'light'
  })
  return { theme, isDark }
})
