import type { Run } from '@/api/types'
import { visibleLine } from '@/shared/format/visibleText'

/** Links may be any JSON: texts, and objects that name an address. */
export function runLinks(run: Run): string[] {
  return (run.links ?? []).flatMap(link => {
    if (typeof link === 'string') return [link]
    const { url, href } = (link ?? {}) as { url?: unknown, href?: unknown }
    return [url, href].filter(address => typeof address === 'string').slice(0, 1)
  })
}

/** The plain figures among a run's metrics; nested ones are in the JSON below. */
export function runMetrics(run: Run): { name: string, value: string }[] {
  return Object.entries(run.metrics ?? {})
    .filter(([, value]) => ['number', 'string', 'boolean'].includes(typeof value))
    .map(([name, value]) => ({ name: visibleLine(name), value: visibleLine(String(value)) }))
}
