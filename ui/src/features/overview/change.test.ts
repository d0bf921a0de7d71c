import { expect, it } from 'vitest'
import { changeOf } from './change'

it.each([
  [{ current: 15, before: 10 }, { share: 50, sign: 1 }],
  [{ current: 5, before: 10 }, { share: -50, sign: -1 }],
  [{ current: 1001, before: 1000 }, { share: expect.closeTo(0.1), sign: 0 }],
  [{ current: 5, before: 0 }, undefined],
  [{ current: 0, before: 0 }, undefined],
])('%j changed by %j', (period, change) => { expect(changeOf(period)).toEqual(change) })
