import type { ListEventsFilter, Run } from '@/api/types'
import type { RunMark } from './timeline'

export interface TimelineFilter {
  q: string
  type: readonly string[]
  level: readonly string[]
  agent: readonly string[]
  project: readonly string[]
  run: string
  /** Days of the reader, as YYYY-MM-DD, both included. */
  from: string
  to: string
}

/** The word that stands for runs where event types are chosen. */
export const RUN_TYPE = 'run'

export const noFilter: TimelineFilter = { q: '', type: [], level: [], agent: [], project: [], run: '', from: '', to: '' }

export function isTimelineFiltered(filter: TimelineFilter): boolean {
  return Object.values(filter).some(value => value.length > 0)
}

/** What the server is asked. Without what is empty, so that the same question has the same name. */
export function toEventsFilter(filter: TimelineFilter, projectId: string): ListEventsFilter {
  const asked = {
    projectId: projectId || filter.project, runId: filter.run, agentId: filter.agent, type: filter.type, level: filter.level,
    q: filter.q.trim(), since: startOfDay(filter.from), until: endOfDay(filter.to),
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value.length > 0))
}

/** Runs have neither level nor event type, so a filter by those leaves them out. */
export function runsInFilter(runs: readonly Run[], filter: TimelineFilter): readonly Run[] {
  if (filter.level.length > 0 || (filter.type.length > 0 && !filter.type.includes(RUN_TYPE))) return []
  const words = filter.q.trim().toLowerCase()
  if (!words && !filter.run && filter.agent.length === 0) return runs
  return runs.filter(run => (filter.agent.length === 0 || filter.agent.includes(run.agentId ?? ''))
    && (!filter.run || run.id === filter.run)
    && [run.title, run.summary, run.agentId, run.id].join('\n').toLowerCase().includes(words))
}

export function marksInRange(marks: readonly RunMark[], filter: TimelineFilter): readonly RunMark[] {
  const since = startOfDay(filter.from)
  const until = endOfDay(filter.to)
  return since || until ? marks.filter(mark => (!since || mark.at >= since) && (!until || mark.at <= until)) : marks
}

/** Written as the server writes times, to the microsecond: they compare as texts. */
export function startOfDay(day: string): string {
  return day && instant(day, 0, '000Z')
}

export function endOfDay(day: string): string {
  return day && instant(day, 1, '999Z')
}

function instant(day: string, daysLater: number, ending: string): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const midnight = new Date(year, month - 1, date + daysLater).getTime()
  const time = new Date(midnight - (daysLater > 0 ? 1 : 0))
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().replace('Z', ending)
}
