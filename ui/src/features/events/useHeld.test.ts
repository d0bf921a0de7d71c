import { expect, it } from 'vitest'
import { shallowRef } from 'vue'
import { addLive, logOf } from '@/api/live/eventLog'
import type { AgentEvent, Run } from '@/api/types'
import { marksOf } from './timeline'
import { useHeld } from './useHeld'

const anEvent = (id: string) => ({ id, ts: id }) as AgentEvent
const logWith = (ids: string) => logOf({ success: true, data: [...ids].map(anEvent) })
const runAt = (startedAt: string) => ({ id: startedAt, startedAt }) as Run

it('holds still while scrolled, counts what waits, and lets go', () => {
  const log = shallowRef(logWith('cba'))
  const marks = shallowRef(marksOf([runAt('b')]))
  const held = useHeld(log, marks)
  const ids = () => held.chunks.value.flat().map(event => event.id).join('')
  held.hold()
  log.value = addLive(log.value, [anEvent('d'), anEvent('e')])
  marks.value = marksOf([runAt('b'), runAt('f')])
  expect([ids(), held.waiting.value, held.marks.value.length]).toEqual(['cba', 3, 1])
  held.release()
  expect([ids(), held.waiting.value]).toEqual(['edcba', 0])
})

it('lets go when a filter took its row away', () => {
  const log = shallowRef(logWith('cba'))
  const held = useHeld(log, shallowRef([]))
  held.hold()
  log.value = logWith('zyx')
  expect([held.chunks.value.flat().length, held.waiting.value]).toEqual([3, 0])
})
