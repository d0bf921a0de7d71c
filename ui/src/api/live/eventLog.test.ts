import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../types'
import { addLive, addOlder, catchUp, type EventLog, holdLog, logOf, MOST_WAITING } from './eventLog'

const anEvent = (id: string, ts: string) => ({ id, ts }) as AgentEvent
const page = (ids: string, fields: object = {}) => ({ success: true, data: [...ids].map(id => anEvent(id, id)), ...fields })
const text = (log: EventLog | undefined) => log?.chunks.flat().map(event => event.id).join('')
const many = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => anEvent(`n${from + index}`, `x${String(from + index).padStart(7, '0')}`))

describe('addLive', () => {
  it('puts new events on top, knows each once, and leaves older chunks as they are', () => {
    const log = addOlder(logOf(page('dc', { hasMore: true, cursor: '1' })), page('ba'))
    const next = addLive(log, [anEvent('e', 'e'), anEvent('c', 'c'), anEvent('f', 'f')])
    expect(text(next)).toBe('fedcba')
    expect(next.chunks[1]).toBe(log.chunks[1])
    expect(addLive(next, [anEvent('f', 'f')])).toBe(next)
  })
  it('puts a late one where its time belongs', () => {
    expect(text(addLive(addOlder(logOf(page('gf')), page('db')), [anEvent('h', 'h'), anEvent('c', 'c'), anEvent('a', 'a')]))).toBe('hgfdcba')
  })
  it('leaves one that is older than all to its page', () => {
    expect(text(addLive(logOf(page('dc', { hasMore: true })), [anEvent('a', 'a')]))).toBe('dc')
  })
  it('starts a list that was empty', () => { expect(text(addLive(logOf(page('')), [anEvent('a', 'a'), anEvent('b', 'b')]))).toBe('ba') })

  it('keeps so many, drops the oldest, and says that they can be read again', () => {
    let log = logOf(page('ba', { cursor: '1' }))
    for (let round = 0; round < 10; round += 1) log = addLive(log, many(round * 400, 400), 1500)
    expect(log.size).toBeGreaterThanOrEqual(1500)
    expect(log.size).toBeLessThan(2500)
    expect(log.ids.size).toBe(log.size)
    expect([log.hasOlder, log.cursor]).toEqual([true, undefined])
  })
  it('drops nothing under a reader, and bounds what waits above', () => {
    let log = holdLog(logOf(page('ba')), true)
    for (let round = 0; round < 4; round += 1) log = addLive(log, many(round * MOST_WAITING / 2, MOST_WAITING / 2), 100)
    expect(text(log)?.endsWith('ba')).toBe(true)
    expect([log.size, log.waiting, log.letGo]).toEqual([MOST_WAITING + 2, 2 * MOST_WAITING, MOST_WAITING])
  })
})

it('drops what a page by time brings twice', () => {
  expect(text(addOlder(logOf(page('dc', { hasMore: true })), page('cba')))).toBe('dcba')
})

describe('catchUp', () => {
  it('puts what was missed on top of what is known', () => { expect(text(catchUp(logOf(page('dcba')), page('fedc')))).toBe('fedcba') })
  it('can be done again, when its answer was thrown away', () => {
    const log = logOf(page('dcba'))
    catchUp(log, page('fedc'))
    expect(text(catchUp(log, page('fedc')))).toBe('fedcba')
  })
  it('does not join over a gap', () => { expect(catchUp(logOf(page('cba')), page('zyx'))).toBeUndefined() })
  it('does not keep what the server no longer has', () => { expect(catchUp(logOf(page('edcba')), page('fcb'))).toBeUndefined() })
})
