import type { Run } from '@/api/types'

export interface Bar { run: Run, start: number, length: number, color: string }

/** More rows than these are no picture. */
export const MOST_BARS = 40

const COLORS: Record<string, string> = { running: 'var(--ui-primary)', completed: 'var(--ui-success)', failed: 'var(--ui-error)', cancelled: 'var(--pd-series-rest)' }

/** Runs as bars; a running one reaches to `now`, an ended one without an end is a point. */
export function barsOf(runs: readonly Run[], now: number): Bar[] {
  return runs.slice(0, MOST_BARS).flatMap(run => {
    const start = Date.parse(run.startedAt)
    if (Number.isNaN(start)) return []
    const finished = run.finishedAt ? Date.parse(run.finishedAt) : Number.NaN
    const end = Number.isNaN(finished) ? (run.status === 'running' ? now : start) : finished
    return [{ run, start, length: Math.max(0, end - start), color: COLORS[run.status] ?? 'var(--pd-series-rest)' }]
  })
}
