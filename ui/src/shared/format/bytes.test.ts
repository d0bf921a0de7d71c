import { expect, it } from 'vitest'
import { bytesText } from './bytes'

it.each([[0, '0 bytes'], [999, '999 bytes'], [1000, '1 kB'], [12_345_678, '12.3 MB'], [1_700_000_000, '1.7 GB'], [5e15, '5,000 TB']])(
  '%d bytes are %s', (bytes, text) => { expect(bytesText(bytes, 'en')).toBe(text) })
