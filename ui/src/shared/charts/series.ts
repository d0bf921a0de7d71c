/** One series of a chart: a value for each place on the axis. */
export interface Series { key: string, label: string, values: readonly number[] }

/** Colours beyond these are hard to tell apart: what is smaller is summed up. */
export const MOST_SERIES = 7

/** The colour of the series at this place; the sum of the rest has its own. */
export function seriesColor(index: number): string {
  return index < MOST_SERIES ? `var(--pd-series-${index + 1})` : 'var(--pd-series-rest)'
}

export interface Cell { day: string, key: string, value: number }

/** Rows of day and key as series over `days`: the largest first, everything after the seventh under `rest`. */
export function stack(cells: readonly Cell[], days: readonly string[], rest: string, label: (key: string) => string): Series[] {
  const places = new Map(days.map((day, index) => [day, index]))
  const sums = new Map<string, number[]>()
  for (const { day, key, value } of cells) {
    const place = places.get(day)
    if (place === undefined || value === 0) continue
    const values = sums.get(key) ?? Array.from({ length: days.length }, () => 0)
    values[place] = (values[place] ?? 0) + value
    sums.set(key, values)
  }
  const ranked = [...sums].sort(([a, as], [b, bs]) => total(bs) - total(as) || a.localeCompare(b))
  const shown = ranked.slice(0, MOST_SERIES).map(([key, values]) => ({ key, label: label(key), values }))
  const small = ranked.slice(MOST_SERIES)
  if (small.length === 0) return shown
  return [...shown, { key: '', label: rest, values: days.map((_, place) => small.reduce((sum, [, values]) => sum + (values[place] ?? 0), 0)) }]
}

export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** The calendar days from `first` to `last`, both included, as YYYY-MM-DD. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = []
  for (let at = Date.parse(`${first}T00:00:00Z`); at <= Date.parse(`${last}T00:00:00Z`); at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10))
  }
  return days
}
