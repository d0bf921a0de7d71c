export const enabledChoices = ['', 'on', 'off'] as const
export type EnabledChoice = typeof enabledChoices[number]

interface Listed { id: string, name: string, enabled: boolean, updatedAt: string }
export interface Filtered<T> { shown: T[], counts: Record<EnabledChoice, number> }

/** In one pass: what fits, by name, and how many each choice would give with the search as it is. */
export function filterRecords<T extends Listed>(records: readonly T[], q: string, enabled: EnabledChoice, locale: string): Filtered<T> {
  const words = q.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const found = records.filter(record => words.every(word => textOf(record).includes(word)))
  const on = found.filter(record => record.enabled)
  const kept = enabled === '' ? found : enabled === 'on' ? on : found.filter(record => !record.enabled)
  const collator = new Intl.Collator(locale, { numeric: true })
  return {
    shown: kept.toSorted((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)),
    counts: { '': found.length, 'on': on.length, 'off': found.length - on.length },
  }
}

/** A changed record is another object, so a text that was made once stays right. */
const texts = new WeakMap<object, string>()

/** Everything a person may remember of it: all texts, at any depth. */
function textOf(record: Listed): string {
  const known = texts.get(record)
  if (known !== undefined) return known
  const text = leavesOf({ ...record, createdAt: undefined, updatedAt: undefined }).join('\n').toLowerCase()
  texts.set(record, text)
  return text
}

function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(leavesOf)
}
