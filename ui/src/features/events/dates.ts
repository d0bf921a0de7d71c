/** Days of the reader as YYYY-MM-DD, both included; '' leaves an end open. */
export interface DayRange { from: string, to: string }

/** The last `days` days, today among them. */
export function lastDays(days: number, now: number): DayRange {
  const today = new Date(now)
  return { from: dayText(new Date(today.getFullYear(), today.getMonth(), today.getDate() - days + 1)), to: '' }
}

export function dayText(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
