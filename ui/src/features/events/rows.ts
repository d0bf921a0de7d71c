import type { AgentEvent } from '@/api/types'
import { dayOf, entryOf, type Entry, type RunMark, type TimelineRow } from './timeline'

type Chunk = readonly AgentEvent[]

/** Rows in parts that are shared from version to version: a new event costs its own part, never the whole list. */
export class Rows {
  readonly length: number
  private readonly starts: number[] = []

  constructor(private readonly parts: readonly (readonly TimelineRow[])[]) {
    let length = 0
    for (const part of parts) {
      this.starts.push(length)
      length += part.length
    }
    this.length = length
  }

  at(index: number): TimelineRow | undefined {
    if (index < 0 || index >= this.length) return undefined
    let low = 0
    let high = this.starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.starts[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return this.parts[low]?.[index - (this.starts[low] ?? 0)]
  }

  slice(from: number, to: number): TimelineRow[] {
    const rows: TimelineRow[] = []
    for (let index = from; index < to; index += 1) {
      const row = this.at(index)
      if (row) rows.push(row)
    }
    return rows
  }

  /** Where a row is now that stood at `near` before; -1 when it is not around. */
  indexNear(key: string, near: number, reach = this.length): number {
    for (let away = 0; away <= reach; away += 1) {
      if (this.at(near + away)?.key === key) return near + away
      if (away > 0 && this.at(near - away)?.key === key) return near - away
      if (near - away < 0 && near + away >= this.length) return -1
    }
    return -1
  }
}

interface Part { day: string, marks: readonly RunMark[], rows: readonly TimelineRow[], lastDay: string }

/**
 * Events and the starts and ends of runs, newest first, a heading before the first of each day. While older events
 * are still to be read, runs from before the oldest known event wait: they would stand too high.
 */
export function makeRowBuilder() {
  const built = new WeakMap<Chunk, Part>()

  function partOf(chunk: Chunk, marks: readonly RunMark[], day: string): Part {
    const known = built.get(chunk)
    if (known && known.day === day && isSame(known.marks, marks)) return known
    const rows: TimelineRow[] = []
    let lastDay = day
    for (const entry of merged(chunk, marks)) {
      const own = dayOf(entry.at).key
      if (own !== lastDay) rows.push({ kind: 'day', key: `day:${own}`, at: entry.at })
      lastDay = own
      rows.push(entry)
    }
    const part = { day, marks, rows, lastDay }
    built.set(chunk, part)
    return part
  }

  return (chunks: readonly Chunk[], marks: readonly RunMark[], hasOlder: boolean): Rows => {
    const parts: (readonly TimelineRow[])[] = []
    let day = ''
    let next = 0
    const all = chunks.length > 0 || hasOlder ? chunks : [[]]
    for (const [index, chunk] of all.entries()) {
      const from = next
      const floor = index === all.length - 1 && !hasOlder ? '' : chunk.at(-1)?.ts ?? ''
      while (next < marks.length && (marks[next]?.at ?? '') >= floor) next += 1
      const part = partOf(chunk, marks.slice(from, next), day)
      parts.push(part.rows)
      day = part.lastDay
    }
    return new Rows(parts)
  }
}

function merged(events: Chunk, marks: readonly RunMark[]): Entry[] {
  const entries: Entry[] = []
  let next = 0
  for (const event of events) {
    for (let mark = marks[next]; mark && mark.at > event.ts; mark = marks[next]) {
      entries.push(mark)
      next += 1
    }
    entries.push(entryOf(event))
  }
  return [...entries, ...marks.slice(next)]
}

function isSame(a: readonly RunMark[], b: readonly RunMark[]): boolean {
  return a.length === b.length && a.every((mark, index) => mark === b[index])
}
