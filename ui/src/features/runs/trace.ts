import type { AgentEvent, Run } from '@/api/types'

export interface TraceRow { event: AgentEvent, offset: number, share: number }
export interface Trace { start: number, length: number, rows: TraceRow[], ticks: { share: number, offset: number }[] }

/** A run's events on its own time axis, oldest first. Events may lie outside the run's own times: the axis takes them in. */
export function traceOf(run: Run, events: readonly AgentEvent[], now: number): Trace {
  const times = events.map(event => Date.parse(event.ts))
  const begun = Date.parse(run.startedAt)
  const ended = run.finishedAt ? Date.parse(run.finishedAt) : run.status === 'running' ? now : Number.NaN
  const all = [...times, begun, ended].filter(time => !Number.isNaN(time))
  const start = all.reduce((least, time) => Math.min(least, time), Infinity)
  const length = Math.max(1, all.reduce((most, time) => Math.max(most, time), -Infinity) - start)
  const rows = events.map((event, index) => {
    const offset = (times[index] ?? start) - start
    return { event, offset, share: offset / length * 100 }
  }).toSorted((a, b) => a.offset - b.offset)
  return { start, length, rows, ticks: [0, 25, 50, 75, 100].map(share => ({ share, offset: length * share / 100 })) }
}

/** +1m 20s and the like; short runs in milliseconds. */
export function offsetText(milliseconds: number): string {
  if (milliseconds < 1000) return `+${Math.round(milliseconds)}ms`
  const seconds = Math.floor(milliseconds / 1000)
  if (seconds < 60) return `+${(milliseconds / 1000).toFixed(1)}s`
  if (seconds < 3600) return `+${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`
  return `+${Math.floor(seconds / 3600)}h ${String(Math.floor(seconds % 3600 / 60)).padStart(2, '0')}m`
}
