import type { Answer } from '@/transport'

export interface Pages<T> { pages: Answer<T[]>[], pageParams: unknown[] }

/** Puts records into pages that stand newest first: known ids are replaced in place, new ones go on top. */
export function putIntoPages<T extends { id: string }>(data: Pages<T>, records: readonly T[]): Pages<T> {
  const waiting = new Map(records.map(record => [record.id, record]))
  const pages = data.pages.map(page => {
    if (!page.data.some(row => waiting.has(row.id))) return page
    return { ...page, data: page.data.map(row => newer(row, take(waiting, row.id))) }
  })
  const [first, ...rest] = pages
  if (!first || waiting.size === 0) return { ...data, pages }
  const added = [...waiting.values()].toReversed()
  const total = first.total === undefined ? undefined : first.total + added.length
  return { ...data, pages: [{ ...first, total, data: [...added, ...first.data] }, ...rest] }
}

export function dropFromPages<T extends { id: string }>(data: Pages<T>, id: string): Pages<T> {
  const found = data.pages.some(page => page.data.some(row => row.id === id))
  if (!found) return data
  const pages = data.pages.map((page, index) => ({
    ...page,
    total: index === 0 && page.total !== undefined ? page.total - 1 : page.total,
    data: page.data.filter(row => row.id !== id),
  }))
  return { ...data, pages }
}

function take<T>(map: Map<string, T>, id: string): T | undefined {
  const value = map.get(id)
  map.delete(id)
  return value
}

/** `updatedAt` grows with every write, in text order: an answer that was overtaken must not win. */
export function newer<T>(known: T, arrived: T | undefined): T {
  if (arrived === undefined) return known
  return stampOf(known) > stampOf(arrived) ? known : arrived
}

function stampOf(record: unknown): string {
  return (record as { updatedAt?: string } | undefined)?.updatedAt ?? ''
}
