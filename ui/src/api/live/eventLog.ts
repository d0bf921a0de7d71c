import type { Answer } from '@/transport'
import type { AgentEvent } from '../types'

/** Newest first. What is not touched stays the same object, so that what was made from it stays good. */
export type EventChunk = readonly AgentEvent[]

/** Events newest first, grown at both ends without looking at what lies between. */
export interface EventLog {
  readonly chunks: readonly EventChunk[]
  readonly size: number
  /** Ids of all in the chunks. One set goes on from version to version: a copy would cost as much as the list. */
  readonly ids: Set<string>
  /** Where the next older page starts; undefined while there are older ones: ask by time. */
  readonly cursor: string | undefined
  readonly hasOlder: boolean
  /** How many came since a reader began to look at older rows; undefined while nobody does. */
  readonly waiting: number | undefined
  /** How many of those were let go, for there were too many: the top must be read again. */
  readonly letGo: number
}

/** What live keeps; the oldest are dropped and can be read again. */
export const MOST_EVENTS = 100_000
/** How many may wait above a reader who has scrolled. */
export const MOST_WAITING = 10_000
const TOP_CHUNK = 500
const LARGEST_CHUNK = 2000

export function logOf(page: Answer<AgentEvent[]>): EventLog {
  return {
    chunks: page.data.length > 0 ? [page.data] : [], size: page.data.length, ids: new Set(page.data.map(event => event.id)),
    cursor: page.cursor ?? undefined, hasOlder: page.hasMore ?? false, waiting: undefined, letGo: 0,
  }
}

export function newestOf(log: EventLog): AgentEvent | undefined {
  return log.chunks[0]?.[0]
}

export function oldestOf(log: EventLog): AgentEvent | undefined {
  return log.chunks.at(-1)?.at(-1)
}

/** Where older events join: a page that was asked for at another place does not fit any more. */
export function seamOf(log: EventLog): string {
  return `${log.cursor ?? ''} ${oldestOf(log)?.id ?? ''}`
}

/** Puts an older page at the end. By time alone a page may begin with events that are known. */
export function addOlder(log: EventLog, page: Answer<AgentEvent[]>): EventLog {
  const added = page.data.filter(event => !log.ids.has(event.id))
  for (const event of added) log.ids.add(event.id)
  return {
    ...log, chunks: added.length > 0 ? [...log.chunks, added] : log.chunks, size: log.size + added.length,
    cursor: page.cursor ?? undefined, hasOlder: page.hasMore ?? false,
  }
}

/** Puts in what came live, in the order it came: on top, or by its time where it is late. */
export function addLive(log: EventLog, events: readonly AgentEvent[], most = MOST_EVENTS): EventLog {
  const fresh = events.filter(event => !log.ids.has(event.id))
  if (fresh.length === 0) return log
  const waiting = log.waiting === undefined ? undefined : log.waiting + fresh.length
  if (waiting !== undefined && waiting > MOST_WAITING) return { ...log, waiting, letGo: log.letGo + fresh.length }

  const onTop: AgentEvent[] = []
  const late: AgentEvent[] = []
  let newest = newestOf(log)?.ts ?? ''
  for (const event of fresh) {
    if (event.ts < newest) { late.push(event); continue }
    onTop.push(event)
    newest = event.ts
  }
  const chunks = putOnTop(log.chunks, onTop.toReversed())
  const placed = putByTime(chunks, late, log.hasOlder)
  for (const event of onTop) log.ids.add(event.id)
  for (const event of placed) log.ids.add(event.id)
  const grown = { ...log, chunks, size: log.size + onTop.length + placed.length, waiting }
  return waiting === undefined ? trimmed(grown, most) : grown
}

/**
 * The newest page, read again, on top of what is known, so that the reader keeps the place. Undefined where the two
 * do not fit together: too much came meanwhile, or the database is another one. `log` stays good: the answer may be
 * thrown away.
 */
export function catchUp(log: EventLog, page: Answer<AgentEvent[]>): EventLog | undefined {
  const ids = new Set(page.data.map(event => event.id))
  const from = page.data.at(-1)?.ts ?? ''
  let joins = false
  for (const chunk of log.chunks) {
    for (const event of chunk) {
      const isInPage = ids.has(event.id)
      joins ||= isInPage
      if (event.ts <= from) return joins ? addLive({ ...log, ids: new Set(log.ids) }, page.data.toReversed()) : undefined
      if (!isInPage) return undefined
    }
  }
  return undefined
}

export function holdLog(log: EventLog, isHeld: boolean): EventLog {
  if (isHeld === (log.waiting !== undefined)) return log
  return { ...log, waiting: isHeld ? 0 : undefined }
}

function putOnTop(chunks: readonly EventChunk[], added: AgentEvent[]): EventChunk[] {
  const [top, ...rest] = chunks
  if (added.length === 0) return [...chunks]
  return top && top.length + added.length <= TOP_CHUNK ? [[...added, ...top], ...rest] : [added, ...chunks]
}

/** Puts each late event where its time belongs, copying a chunk once. Older than all: it waits for its page. */
function putByTime(chunks: EventChunk[], late: readonly AgentEvent[], hasOlder: boolean): AgentEvent[] {
  const copies = new Map<number, AgentEvent[]>()
  const placed: AgentEvent[] = []
  for (const event of late) {
    const found = chunks.findIndex(chunk => (chunk.at(-1)?.ts ?? '') <= event.ts)
    if (found < 0 && hasOlder) continue
    const index = found < 0 ? chunks.length - 1 : found
    const copy = copies.get(index) ?? [...chunks[index] ?? []]
    copies.set(index, copy)
    chunks[index] = copy
    copy.splice(placeOf(copy, event.ts), 0, event)
    placed.push(event)
  }
  for (const [index, copy] of [...copies].toSorted(([a], [b]) => b - a)) {
    if (copy.length > LARGEST_CHUNK) chunks.splice(index, 1, copy.slice(0, copy.length / 2), copy.slice(copy.length / 2))
  }
  return placed
}

/** The first place whose event is not newer: among equals the last to come stands first. */
function placeOf(chunk: EventChunk, ts: string): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((chunk[middle]?.ts ?? '') > ts) low = middle + 1
    else high = middle
  }
  return low
}

function trimmed(log: EventLog, most: number): EventLog {
  const kept = [...log.chunks]
  let { size } = log
  for (let last = kept.at(-1); last && kept.length > 1 && size - last.length >= most; last = kept.at(-1)) {
    for (const event of last) log.ids.delete(event.id)
    kept.pop()
    size -= last.length
  }
  return size === log.size ? log : { ...log, chunks: kept, size, cursor: undefined, hasOlder: true }
}
