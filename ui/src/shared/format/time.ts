const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const STEPS: [limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [HOUR, 'minute', MINUTE],
  [DAY, 'hour', HOUR],
  [30 * DAY, 'day', DAY],
  [365 * DAY, 'month', 30 * DAY],
  [Infinity, 'year', 365 * DAY],
]

const formatters = new Map<string, Intl.RelativeTimeFormat | Intl.DateTimeFormat>()

/** "3 min ago"; under a minute "now". `now` is given, so that one clock moves all of a screen. */
export function relativeTime(time: string, now: number, locale: string): string {
  const seconds = (now - Date.parse(time)) / 1000
  if (Number.isNaN(seconds)) return time
  const format = cached(`relative ${locale}`, () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }))
  const distance = Math.abs(seconds)
  if (distance < MINUTE) return format.format(0, 'second')
  const [, unit, size] = STEPS.find(([limit]) => distance < limit) ?? STEPS[0]!
  return format.format(-Math.trunc(seconds / size), unit)
}

/** Date and time to the second, in the reader's zone. */
export function exactTime(time: string, locale: string): string {
  return formatDate(time, locale, 'exact', { dateStyle: 'medium', timeStyle: 'medium' })
}

/** 14:03:59, always 24 hours: columns of it line up. */
export function clockTime(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return time
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(part => String(part).padStart(2, '0')).join(':')
}

/** "Saturday, Nov 22"; the year only where it is another one. */
export function dayTitle(time: string, now: number, locale: string): string {
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear()
  return formatDate(time, locale, `day ${sameYear}`, {
    weekday: 'long', month: 'short', day: 'numeric', year: sameYear ? undefined : 'numeric',
  })
}

/** "Nov 22, 2026" for a day as YYYY-MM-DD. */
export function formatDay(day: string, locale: string): string {
  return formatDate(`${day}T00:00:00`, locale, 'short day', { dateStyle: 'medium' })
}

/** Whole days between two moments, counted by the reader's calendar. */
export function daysAgo(time: string, now: number): number {
  const midnight = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()
  return Math.round((midnight(new Date(now)) - midnight(new Date(time))) / (DAY * 1000))
}

export interface Duration { hours: number, minutes: number, seconds: number }

export function durationBetween(start: string, end: string | number): Duration | undefined {
  const until = typeof end === 'number' ? end : Date.parse(end)
  const total = Math.max(0, Math.round((until - Date.parse(start)) / 1000))
  if (Number.isNaN(total)) return undefined
  return { hours: Math.floor(total / HOUR), minutes: Math.floor(total % HOUR / MINUTE), seconds: total % MINUTE }
}

/** "1h 04m", "3m 20s", "12s": unit letters are the same in both languages. */
export function durationText({ hours, minutes, seconds }: Duration): string {
  const two = (value: number) => String(value).padStart(2, '0')
  if (hours > 0) return `${hours}h ${two(minutes)}m`
  if (minutes > 0) return `${minutes}m ${two(seconds)}s`
  return `${seconds}s`
}

function formatDate(time: string, locale: string, name: string, options: Intl.DateTimeFormatOptions): string {
  const at = Date.parse(time)
  if (Number.isNaN(at)) return time
  return cached(`${name} ${locale}`, () => new Intl.DateTimeFormat(locale, options)).format(at)
}

function cached<T extends Intl.RelativeTimeFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const known = formatters.get(key) as T | undefined
  if (known) return known
  const made = make()
  formatters.set(key, made)
  return made
}
