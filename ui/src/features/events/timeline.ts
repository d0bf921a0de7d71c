import type { AgentEvent, Run } from '@/api/types'
import { daysAgo, localDay } from '@/shared/format/time'

export type Entry =
  | { kind: 'event', key: string, at: string, event: AgentEvent }
  | { kind: 'run', key: string, at: string, run: Run, phase: 'started' | 'finished' }

export type TimelineRow = Entry | { kind: 'day', key: string, at: string }

export interface TimelineFilter { q: string, type: string, level: string, agent: string, run: string }

/** The word that stands for runs where event types are chosen. */
export const RUN_TYPE = 'run'

export function isTimelineFiltered(filter: TimelineFilter): boolean {
  return Object.values(filter).some(value => value !== '')
}

/**
 * Events and the starts and ends of runs, newest first. While older events are still to be read, runs from
 * before the oldest known event wait: they would stand too high.
 */
export function mergeTimeline(events: readonly AgentEvent[], runs: readonly Run[], hasOlderEvents: boolean): Entry[] {
  const floor = hasOlderEvents ? events.at(-1)?.ts ?? '' : ''
  const marks = runs.flatMap(marksOf).filter(mark => mark.at >= floor).sort((a, b) => (a.at < b.at ? 1 : -1))
  const merged: Entry[] = []
  let next = 0
  for (const event of events) {
    for (let mark = marks[next]; mark && mark.at > event.ts; mark = marks[next]) {
      merged.push(mark)
      next += 1
    }
    merged.push({ kind: 'event', key: `event:${event.id}`, at: event.ts, event })
  }
  return next < marks.length ? merged.concat(marks.slice(next)) : merged
}

/** A heading before the first entry of each of the reader's days. */
export function withDays(entries: readonly Entry[]): TimelineRow[] {
  const rows: TimelineRow[] = []
  let day = ''
  for (const entry of entries) {
    const own = localDay(entry.at)
    if (own !== day) rows.push({ kind: 'day', key: `day:${own}`, at: entry.at })
    day = own
    rows.push(entry)
  }
  return rows
}

export function runsInFilter(runs: readonly Run[], filter: TimelineFilter): Run[] {
  if (filter.level || (filter.type && filter.type !== RUN_TYPE)) return []
  const words = filter.q.toLowerCase()
  return runs.filter(run => (!filter.agent || run.agentId === filter.agent)
    && (!filter.run || run.id === filter.run)
    && [run.title, run.summary, run.agentId, run.id].join('\n').toLowerCase().includes(words))
}

export type DayName = { name: 'today' } | { name: 'yesterday' } | { name: 'date', at: string }

export function dayName(at: string, now: number): DayName {
  const days = daysAgo(at, now)
  if (days === 0) return { name: 'today' }
  return days === 1 ? { name: 'yesterday' } : { name: 'date', at }
}

function marksOf(run: Run): Extract<Entry, { kind: 'run' }>[] {
  const started = { kind: 'run', key: `run:${run.id}:started`, at: run.startedAt, run, phase: 'started' } as const
  if (!run.finishedAt) return [started]
  return [{ kind: 'run', key: `run:${run.id}:finished`, at: run.finishedAt, run, phase: 'finished' }, started]
}
