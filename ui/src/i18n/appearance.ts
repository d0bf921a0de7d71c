import type { AppLocale, MessageKey } from './index'

export const themeLooks: Record<'system' | 'light' | 'dark', { label: MessageKey, icon: string }> = {
  system: { label: 'theme.system', icon: 'i-lucide-monitor' },
  light: { label: 'theme.light', icon: 'i-lucide-sun' },
  dark: { label: 'theme.dark', icon: 'i-lucide-moon' },
}

/** A language is named in itself, so that its speakers find it. */
export const localeNames: Record<AppLocale, string> = { 'en': 'English', 'zh-CN': '简体中文' }
