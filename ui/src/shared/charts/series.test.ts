import { expect, it } from 'vitest'
import { daysBetween, MOST_SERIES, stack } from './series'

const days = ['2026-03-01', '2026-03-02']

it('stacks the largest first and leaves out days outside', () => {
  const series = stack([
    { day: '2026-03-01', key: 'small', value: 1 }, { day: '2026-03-02', key: 'large', value: 5 },
    { day: '2026-03-02', key: 'large', value: 2 }, { day: '2026-02-01', key: 'old', value: 9 },
  ], days, 'Rest', key => key.toUpperCase())
  expect(series).toEqual([{ key: 'large', label: 'LARGE', values: [0, 7] }, { key: 'small', label: 'SMALL', values: [1, 0] }])
})

it('sums up what is beyond the colours', () => {
  const cells = Array.from({ length: MOST_SERIES + 3 }, (_, index) => ({ day: days[0]!, key: `k${index}`, value: index + 1 }))
  const series = stack(cells, days, 'Rest', key => key)
  expect(series).toHaveLength(MOST_SERIES + 1)
  expect(series.at(-1)).toEqual({ key: '', label: 'Rest', values: [1 + 2 + 3, 0] })
})

it('counts days over the end of a month and a leap day', () => {
  expect(daysBetween('2028-02-28', '2028-03-01')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01'])
  expect(daysBetween('2028-03-02', '2028-03-01')).toEqual([])
})
