import { expect, it } from 'vitest'
import { readerDay } from './figures'

it('writes a day as the server does', () => { expect(readerDay(new Date(2026, 1, 3, 12))).toBe('2026-02-03') })
