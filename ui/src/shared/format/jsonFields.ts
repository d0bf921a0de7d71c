/** One field of an open object as a form holds it: its value is JSON text until it is saved. */
export interface JsonField { name: string, text: string }
export type JsonProblem = 'name' | 'taken' | 'reserved' | 'syntax' | 'precision'

const NONE: ReadonlySet<string> = new Set()

export function fieldsOf(record: object | undefined, reserved: ReadonlySet<string> = NONE): JsonField[] {
  return Object.entries(record ?? {}).filter(([name]) => !reserved.has(name)).map(([name, value]) => ({ name, text: writeJson(value) }))
}

/** Short values on one line. What cannot be seen, or turns text around, is written as an escape: the same value, but visible. */
export function writeJson(value: unknown): string {
  const line = JSON.stringify(value)
  const text = line.length > 60 ? JSON.stringify(value, null, 2) : line
  return text.replace(/[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function isBlank(field: JsonField): boolean {
  return field.name.trim() === '' && field.text.trim() === ''
}

/** What is wrong with each field, by its place; blank rows are no fields. `before` are those that were there: unchanged ones are not looked at. */
export function problemsOf(fields: readonly JsonField[], before: readonly JsonField[], reserved: ReadonlySet<string> = NONE): Map<number, JsonProblem> {
  const problems = new Map<number, JsonProblem>()
  fields.forEach((field, place) => {
    if (isBlank(field)) return
    const problem = problemOf(field, fields.slice(0, place), before, reserved)
    if (problem) problems.set(place, problem)
  })
  return problems
}

function problemOf(field: JsonField, earlier: readonly JsonField[], before: readonly JsonField[], reserved: ReadonlySet<string>): JsonProblem | undefined {
  const name = field.name.trim()
  if (name === '') return 'name'
  if (reserved.has(name)) return 'reserved'
  if (earlier.some(other => other.name.trim() === name)) return 'taken'
  if (before.some(other => other.name === name && other.text === field.text)) return undefined
  try { JSON.parse(field.text) }
  catch { return 'syntax' }
  return roundedNumber(field.text) === undefined ? undefined : 'precision'
}

/** The first number in JSON text that JavaScript would not keep exactly. The server keeps any; this page must not round it in passing. */
export function roundedNumber(json: string): string | undefined {
  const withoutTexts = json.replace(/"(?:[^"\\]|\\.)*"/g, '""')
  return withoutTexts.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)?.find(literal => digitsOf(literal) !== digitsOf(String(Number(literal))))
}

/** A number's value as significant digits and a power of ten: `1.50e3` and `1500` are the same. */
function digitsOf(literal: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? []
  if (whole === '') return 'none'
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  return kept === '' ? '0' : `${sign}${kept}e${Number(power) - fraction.length + digits.length - kept.length}`
}

/** True for what was rounded when it was read: beyond 2⁵³ whole numbers have gaps. Such a value must not be sent back. */
export function holdsRounded(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(holdsRounded)
}

/** What to send for single fields: changed and new values; null for what is gone. */
export function patchFields(before: readonly JsonField[], after: readonly JsonField[]): Record<string, unknown> {
  const kept = after.filter(field => !isBlank(field)).map(({ name, text }) => ({ name: name.trim(), text }))
  const changed = kept.filter(field => !before.some(other => other.name === field.name && other.text === field.text))
  const gone = before.filter(field => !kept.some(other => other.name === field.name))
  return Object.fromEntries([
    ...changed.map(({ name, text }) => [name, JSON.parse(text) as unknown] as const),
    ...gone.map(({ name }) => [name, null] as const),
  ])
}

export function recordOf(fields: readonly JsonField[]): Record<string, unknown> {
  return Object.fromEntries(fields.filter(field => !isBlank(field)).map(({ name, text }) => [name.trim(), JSON.parse(text) as unknown]))
}
