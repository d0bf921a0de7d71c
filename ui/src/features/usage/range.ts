export const ranges = ['today', 'week', 'month', 'quarter', 'year', 'all', 'custom'] as const
export type RangeName = typeof ranges[number]
export interface DayRange { since?: string, until?: string }

const LENGTHS: Partial<Record<RangeName, number>> = { today: 1, week: 7, month: 30, quarter: 90, year: 365 }

/** The days of a named range that ends today. `all` has no bounds; `custom` brings its own. */
export function rangeOf(name: RangeName, today: string, own: DayRange): DayRange {
  if (name === 'custom') return own
  const length = LENGTHS[name]
  if (!length) return {}
  const first = new Date(Date.parse(`${today}T00:00:00Z`) - (length - 1) * 86_400_000)
  return { since: first.toISOString().slice(0, 10), until: today }
}

/** Words of the address are whatever somebody typed. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`))
}
