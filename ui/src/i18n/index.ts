import { nextTick } from 'vue'
import { createI18n } from 'vue-i18n'
import type en from './en'

export const locales = ['en', 'zh-CN'] as const
export type AppLocale = typeof locales[number]

type Leaves<T, P extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${P}${K}` : Leaves<T[K], `${P}${K}.`>
}[keyof T & string]

/** A key of the message files, for tables of labels. */
export type MessageKey = Leaves<typeof en>

const STORAGE_KEY = 'pilotdeck.locale'

const money = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' } as const
const numberFormats = {
  count: { maximumFractionDigits: 0 },
  compact: { notation: 'compact', maximumSignificantDigits: 3 },
  percent: { style: 'percent', maximumFractionDigits: 0 },
  money,
  moneyWhole: { ...money, maximumFractionDigits: 0 },
} as const

const loaders = {
  'en': () => import('./en'),
  'zh-CN': () => import('./zh-CN'),
}

const loaded = new Set<AppLocale>()

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as string,
  // Both files hold the same keys (a test sees to it), so nothing ever falls back.
  fallbackLocale: false,
  numberFormats: { 'en': numberFormats, 'zh-CN': numberFormats },
})

/** Switches the language, reading its messages first. */
export async function setLocale(locale: AppLocale) {
  if (!loaded.has(locale)) {
    i18n.global.setLocaleMessage(locale, (await loaders[locale]()).default)
    loaded.add(locale)
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  try { localStorage.setItem(STORAGE_KEY, locale) }
  catch { /* Storage may be switched off. */ }
  await nextTick()
}

/** What was chosen before, else the browser's language. */
export function preferredLocale(): AppLocale {
  let stored: string | null = null
  try { stored = localStorage.getItem(STORAGE_KEY) }
  catch { /* Storage may be switched off. */ }
  const known = locales.find(locale => locale === stored)
  if (known) return known
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}
