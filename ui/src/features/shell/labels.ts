import type { AppLocale, MessageKey } from '@/i18n'
import type { LiveState } from '@/api/types'
import type { Theme } from '@/shared/composables/useTheme'

export const themeLooks: Record<Theme, { label: MessageKey, icon: string }> = {
  system: { label: 'theme.system', icon: 'i-lucide-monitor' },
  light: { label: 'theme.light', icon: 'i-lucide-sun' },
  dark: { label: 'theme.dark', icon: 'i-lucide-moon' },
}

/** A language is named in itself, so that its speakers find it. */
export const localeNames: Record<AppLocale, string> = { 'en': 'English', 'zh-CN': '简体中文' }

export const liveLooks: Record<LiveState, { label: MessageKey, dot: string }> = {
  connecting: { label: 'strip.connecting', dot: 'bg-warning pd-pulse' },
  live: { label: 'strip.live', dot: 'bg-success' },
  lost: { label: 'strip.lost', dot: 'bg-error pd-pulse' },
}
