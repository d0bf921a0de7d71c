import type { AgentEvent, Run } from '@/api/types'
import { dayOf, entryOf, type TimelineRow } from './timeline'
import { Rows } from './rows'

type Chunk = readonly AgentEvent[]

/** A run's events; or, without a run, those of a day. */
export interface Group {
  key: string
  runId: string | undefined
  run: Run | undefined
  count: number
  errors: number
  /** Newest and oldest known event of it. */
  newest: string
  oldest: string
  /** Older events of it may still be to be read. */
  isPartial: boolean
  isOpen: boolean
}

interface Piece { events: AgentEvent[], errors: number }
interface Gathered { runId: string | undefined, pieces: Piece[], count: number, errors: number, newest: string, oldest: string }

/** Runs by when they began, newest first: what arrives adds to its run, and no run changes its place. */
export function makeGroupBuilder() {
  const known = new WeakMap<Chunk, ReadonlyMap<string, Piece>>()

  function piecesOf(chunk: Chunk): ReadonlyMap<string, Piece> {
    const before = known.get(chunk)
    if (before) return before
    const pieces = new Map<string, Piece>()
    for (const event of chunk) {
      const key = groupKey(event)
      const piece = pieces.get(key) ?? { events: [], errors: 0 }
      pieces.set(key, piece)
      piece.events.push(event)
      if (event.level === 'error') piece.errors += 1
    }
    known.set(chunk, pieces)
    return pieces
  }

  return (chunks: readonly Chunk[], runs: ReadonlyMap<string, Run>, open: ReadonlySet<string>, hasOlder: boolean): Rows => {
    const gathered = new Map<string, Gathered>()
    for (const chunk of chunks) {
      for (const [key, piece] of piecesOf(chunk)) gather(gathered, key, piece)
    }
    const floor = hasOlder ? chunks.at(-1)?.at(-1)?.ts ?? '' : ''
    const placed = [...gathered].map(([key, all]) => {
      const run = all.runId === undefined ? undefined : runs.get(all.runId)
      const at = all.runId === undefined ? new Date(dayOf(all.oldest).from).toISOString() : run?.startedAt ?? all.oldest
      const { runId, count, errors, newest, oldest } = all
      const isPartial = hasOlder && at < floor
      return { at, pieces: all.pieces, group: { key, runId, run, count, errors, newest, oldest, isPartial, isOpen: open.has(key) } }
    }).toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))

    const rows: TimelineRow[] = []
    let day = ''
    for (const { at, group, pieces } of placed) {
      const own = dayOf(at).key
      if (own !== day) rows.push({ kind: 'day', key: `day:${own}`, at })
      day = own
      rows.push({ kind: 'group', key: group.key, at, group })
      if (group.isOpen) for (const piece of pieces) for (const event of piece.events) rows.push(entryOf(event))
    }
    return new Rows([rows])
  }
}

function gather(gathered: Map<string, Gathered>, key: string, piece: Piece) {
  const [first] = piece.events
  const last = piece.events.at(-1)
  if (!first || !last) return
  const known = gathered.get(key)
  if (!known) {
    gathered.set(key, {
      runId: first.runId ?? undefined, pieces: [piece], count: piece.events.length, errors: piece.errors, newest: first.ts, oldest: last.ts,
    })
    return
  }
  known.pieces.push(piece)
  known.count += piece.events.length
  known.errors += piece.errors
  known.oldest = last.ts
}

function groupKey(event: AgentEvent): string {
  return event.runId ? `group:${event.runId}` : `loose:${dayOf(event.ts).key}`
}
