import { expect, it } from 'vitest'
import { clockTime, daysAgo, durationBetween, durationText, relativeTime } from './time'

const now = Date.parse('2026-02-11T15:00:00Z')

it.each([
  ['2026-02-11T14:59:30.000000Z', 'en', 'now'],
  ['2026-02-11T14:57:00.000000Z', 'en', '3 min. ago'],
  ['2026-02-10T15:00:00.000000Z', 'en', 'yesterday'],
  ['2026-02-11T12:00:00.000000Z', 'zh-CN', '3小时前'],
  ['not a time', 'en', 'not a time'],
])('says of %s in %s: %s', (time, locale, said) => { expect(relativeTime(time, now, locale)).toBe(said) })

it('counts days by the calendar, not by 24 hours', () => {
  const late = new Date(2026, 1, 10, 23, 59).toISOString()
  expect(daysAgo(late, new Date(2026, 1, 11, 0, 1).getTime())).toBe(1)
})

it.each([[4, '4s'], [200, '3m 20s'], [3840, '1h 04m']])('writes %d seconds as %s', (seconds, text) => {
  const duration = durationBetween('2026-02-11T15:00:00Z', now + seconds * 1000)
  expect(duration && durationText(duration)).toBe(text)
})

it('keeps clock times the same width', () => { expect(clockTime('2026-02-11T15:00:00Z')).toMatch(/^\d\d:\d\d:\d\d$/) })
