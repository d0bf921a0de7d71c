import type { AgentEvent, Run } from '@/api/types'
import { daysAgo } from '@/shared/format/time'
import type { Group } from './groups'

export type EventEntry = { kind: 'event', key: string, at: string, event: AgentEvent }
export type RunMark = { kind: 'run', key: string, at: string, run: Run, phase: 'started' | 'finished' }
export type Entry = EventEntry | RunMark
export type DayRow = { kind: 'day', key: string, at: string }
export type GroupRow = { kind: 'group', key: string, at: string, group: Group }
export type TimelineRow = Entry | DayRow | GroupRow

const entries = new WeakMap<AgentEvent, EventEntry>()

/** The same entry for the same event, always: a row that did not change is not drawn again. */
export function entryOf(event: AgentEvent): EventEntry {
  const known = entries.get(event)
  if (known) return known
  const made: EventEntry = { kind: 'event', key: `event:${event.id}`, at: event.ts, event }
  entries.set(event, made)
  return made
}

const marks = new WeakMap<Run, readonly RunMark[]>()

/** Starts and ends of runs, newest first. */
export function marksOf(runs: readonly Run[]): RunMark[] {
  return runs.flatMap(marksOfRun).toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
}

function marksOfRun(run: Run): readonly RunMark[] {
  const known = marks.get(run)
  if (known) return known
  const made: RunMark[] = [{ kind: 'run', key: `run:${run.id}:started`, at: run.startedAt, run, phase: 'started' }]
  if (run.finishedAt) made.unshift({ kind: 'run', key: `run:${run.id}:finished`, at: run.finishedAt, run, phase: 'finished' })
  marks.set(run, made)
  return made
}

export type DayName = { name: 'today' } | { name: 'yesterday' } | { name: 'date', at: string }

export function dayName(at: string, now: number): DayName {
  const days = daysAgo(at, now)
  if (days === 0) return { name: 'today' }
  return days === 1 ? { name: 'yesterday' } : { name: 'date', at }
}

interface Day { key: string, from: number, until: number }
let lastDay: Day = { key: '', from: 0, until: 0 }

/** The reader's own day of a time. Neighbours in a list share it mostly, so the last one is kept. */
export function dayOf(at: string): Day {
  const time = Date.parse(at)
  if (time >= lastDay.from && time < lastDay.until) return lastDay
  const date = new Date(time)
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()]
  lastDay = {
    key: `${year}-${month + 1}-${day}`,
    from: new Date(year, month, day).getTime(), until: new Date(year, month, day + 1).getTime(),
  }
  return lastDay
}
