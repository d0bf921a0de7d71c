import { useI18n } from 'vue-i18n'
import { exactTime, relativeTime } from '../format/time'
import { bytesText } from '../format/bytes'
import { useClock } from './useClock'

/** Dates, numbers and money in the reader's language. */
export function useFormat() {
  const { locale, n } = useI18n()
  const now = useClock()
  return {
    now,
    relative: (time: string) => relativeTime(time, now.value, locale.value),
    exact: (time: string) => exactTime(time, locale.value),
    count: (value: number) => n(value, 'count'),
    /** 1.2M and the like: the exact number matters to nobody. */
    tokens: (value: number) => n(value, value < 10_000 ? 'count' : 'compact'),
    bytes: (value: number) => bytesText(value, locale.value),
    percent: (value: number) => n(value / 100, 'percent'),
    money: (value: number) => n(value, Math.abs(value) >= 1000 || Number.isInteger(value) ? 'moneyWhole' : 'money'),
  }
}
