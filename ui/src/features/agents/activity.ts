export const activitySorts = ['cost', 'tokens', 'seen', 'running', 'completed', 'failed', 'name'] as const
export type ActivitySort = typeof activitySorts[number]

export interface AgentActivity {
  id: string
  name: string
  hasProfile: boolean
  running: number
  completed: number
  failed: number
  lastSeen: string
  tokens: number
  cost: number
}

interface Counted { value: string, count: number }
export interface ActivityParts {
  profiles: readonly { id: string, name: string }[]
  /** Ids from runs, events and usage of any time. */
  ids: readonly string[]
  running: ReadonlyMap<string, number>
  completed: readonly Counted[]
  failed: readonly Counted[]
  usage: readonly { agentId: string, totalTokens: number, cost: number }[]
  lastSeen: ReadonlyMap<string, string>
}

/** What the server calls records without an agent. */
const NAMELESS = new Set(['', 'unassigned'])

export function agentIdsOf(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].filter(id => !NAMELESS.has(id)).toSorted()
}

export function activityOf(parts: ActivityParts): AgentActivity[] {
  const names = new Map(parts.profiles.map(profile => [profile.id, profile.name]))
  const completed = countsOf(parts.completed)
  const failed = countsOf(parts.failed)
  const usage = new Map(parts.usage.map(row => [row.agentId, row]))
  return parts.ids.map(id => ({
    id, name: names.get(id) ?? id, hasProfile: names.has(id),
    running: parts.running.get(id) ?? 0, completed: completed.get(id) ?? 0, failed: failed.get(id) ?? 0,
    lastSeen: parts.lastSeen.get(id) ?? '', tokens: usage.get(id)?.totalTokens ?? 0, cost: usage.get(id)?.cost ?? 0,
  }))
}

export function sortActivity(rows: readonly AgentActivity[], by: ActivitySort, locale: string): AgentActivity[] {
  const collator = new Intl.Collator(locale, { numeric: true })
  const byName = (a: AgentActivity, b: AgentActivity) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)
  switch (by) {
    case 'name': return rows.toSorted(byName)
    case 'seen': return rows.toSorted((a, b) => (a.lastSeen === b.lastSeen ? byName(a, b) : a.lastSeen < b.lastSeen ? 1 : -1))
    default: return rows.toSorted((a, b) => b[by] - a[by] || byName(a, b))
  }
}

export function searchActivity(rows: readonly AgentActivity[], q: string): AgentActivity[] {
  const words = q.trim().toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter(row => words.every(word => `${row.name}\n${row.id}`.toLowerCase().includes(word)))
}

/** For each agent its values over these days. */
export function dailyOf(cells: readonly { day: string, key: string, value: number }[], days: readonly string[]): Map<string, number[]> {
  const places = new Map(days.map((day, place) => [day, place]))
  const daily = new Map<string, number[]>()
  for (const { day, key, value } of cells) {
    const place = places.get(day)
    if (place === undefined) continue
    const values = daily.get(key) ?? days.map(() => 0)
    values[place] = (values[place] ?? 0) + value
    daily.set(key, values)
  }
  return daily
}

function countsOf(rows: readonly Counted[]): Map<string, number> {
  return new Map(rows.map(row => [row.value, row.count]))
}
