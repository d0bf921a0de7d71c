import * as v from 'valibot'
import { fieldsOf, holdsRounded, isBlank, type JsonField, patchFields, problemsOf, recordOf } from '@/shared/format/jsonFields'

/** What every form of this screen holds: texts as they are, lists as texts, open objects as fields of JSON text. */
export interface CommonValues { id: string, name: string, description: string, enabled: boolean, meta: JsonField[], custom: JsonField[] }

/** Which fields a noun has, by kind. What is not named here is a custom field. */
export interface RecordShape<V extends CommonValues> {
  texts: readonly (keyof V & string)[]
  lists: readonly (keyof V & string)[]
  objects: readonly (keyof V & string)[]
  /** What the server fills in for a text that is not sent. */
  defaults: Partial<Record<keyof V & string, string>>
}

export type AgentRecord = Record<string, unknown> & { id: string, updatedAt: string, enabled: boolean }

export function valuesOf<V extends CommonValues>(shape: RecordShape<V>, record?: object): V {
  const from = (record ?? {}) as Partial<AgentRecord>
  return Object.fromEntries([
    ['id', from.id ?? ''],
    ['enabled', from.enabled ?? true],
    ...shape.texts.map(key => [key, from[key] ?? shape.defaults[key] ?? '']),
    ...shape.lists.map(key => [key, textsOf((from[key] ?? []) as unknown[])]),
    ...shape.objects.map(key => [key, fieldsOf(from[key] as object | undefined)]),
    // A removed field stays at the server as null, and is not shown.
    ['custom', fieldsOf(record, reservedOf(shape)).filter(({ text }) => text !== 'null')],
  ]) as V
}

/** What to send: only what the reader changed, so that a field somebody else changes meanwhile stays theirs. `source` is what a new one was made from. */
export function bodyOf<V extends CommonValues>(shape: RecordShape<V>, values: V, record?: object, source = record): Record<string, unknown> {
  const before = valuesOf(shape, record)
  const body: Record<string, unknown> = {}
  const read = (from: V, key: string) => (from as unknown as Record<string, unknown>)[key]
  for (const key of shape.texts) if (values[key] !== before[key]) body[key] = values[key]
  for (const key of shape.lists) {
    const texts = filled(read(values, key) as string[])
    if (!same(texts, read(before, key))) body[key] = itemsOf(texts, ((source as Partial<AgentRecord> | undefined)?.[key] ?? []) as unknown[])
  }
  for (const key of shape.objects) {
    const fields = (read(values, key) as JsonField[]).filter(field => !isBlank(field))
    if (!same(fields, read(before, key))) body[key] = recordOf(fields)
  }
  if (values.enabled !== before.enabled) body.enabled = values.enabled
  if (!record && values.id.trim() !== '') body.id = values.id.trim()
  return { ...body, ...patchFields(before.custom, values.custom) }
}

/** Names of lists and objects that hold a number this page can only show rounded: they must not be sent back. */
export function lockedKeys<V extends CommonValues>(shape: RecordShape<V>, record?: object): Set<string> {
  const from = (record ?? {}) as Record<string, unknown>
  return new Set([...shape.lists, ...shape.objects].filter(key => holdsRounded(from[key])))
}

/** A new record's values, made from another's. What cannot be sent exactly is left out. */
export function copyOf<V extends CommonValues>(shape: RecordShape<V>, record: object, name: string): V {
  const exact = Object.fromEntries(Object.entries(record).filter(([, value]) => !holdsRounded(value)))
  return { ...valuesOf(shape, exact), id: '', name }
}

export function reservedOf<V extends CommonValues>(shape: RecordShape<V>): Set<string> {
  return new Set(['id', 'enabled', 'createdAt', 'updatedAt', 'ifUpdatedAt', ...shape.texts, ...shape.lists, ...shape.objects])
}

/** Items of lists may be any JSON. What is not one plain line is shown as JSON. */
export function textsOf(items: readonly unknown[]): string[] {
  return items.map(textOf)
}

/** An item whose text was not touched comes back as it was. */
export function itemsOf(texts: readonly string[], before: readonly unknown[]): unknown[] {
  const known = new Map(before.map(item => [textOf(item), item]))
  return texts.map(text => known.has(text) ? known.get(text) : text)
}

function textOf(item: unknown): string {
  if (typeof item === 'string' && !/[\r\n]/.test(item)) return item
  return JSON.stringify(item)
}

function filled(texts: readonly string[]): string[] {
  return texts.filter(text => text.trim() !== '')
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

export interface Difference { key: string, mine: unknown, theirs: unknown, isMine: boolean }

/** Where the reader's values differ from the record as it is now; `isMine` tells whether the reader touched the field at all. */
export function differencesOf<V extends CommonValues>(base: V, mine: V, theirs: V): Difference[] {
  const [from, own, other] = [base, mine, theirs] as unknown as Record<string, unknown>[]
  return Object.keys(mine).filter(key => !same(own![key], other![key]))
    .map(key => ({ key, mine: own![key], theirs: other![key], isMine: !same(own![key], from![key]) }))
}

/** The server has the last word; this catches slips before they travel. */
export function recordSchema<V extends CommonValues>(shape: RecordShape<V>, say: { name: string, fields: string }, base: V) {
  const fields = (key: keyof V & string) => v.pipe(
    v.array(v.object({ name: v.string(), text: v.string() })),
    v.check(rows => problemsOf(rows, base[key] as unknown as JsonField[], key === 'custom' ? reservedOf(shape) : undefined).size === 0, say.fields),
  )
  return v.object({
    name: v.pipe(v.string(), v.trim(), v.nonEmpty(say.name)),
    ...Object.fromEntries([...shape.objects, 'custom' as const].map(key => [key, fields(key)])),
  })
}
