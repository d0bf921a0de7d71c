import { expect, it } from 'vitest'
import { parseOpen } from './open'

it.each([
  ['event:e:1', { kind: 'event', id: 'e:1' }],
  ['run:r1:started', { kind: 'run', id: 'r1' }],
  ['run:r1', { kind: 'run', id: 'r1' }],
  ['note:x', undefined],
  ['', undefined],
])('reads %j', (text, opened) => { expect(parseOpen(text)).toEqual(opened) })
