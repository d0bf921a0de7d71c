export interface Opened { kind: 'event' | 'run', id: string }

/** Ids are clients' text and may hold colons: only the mark of a run's row is cut off. */
export function parseOpen(open: string): Opened | undefined {
  const [, kind, id] = /^(event|run):(.+)$/s.exec(open) ?? []
  if (!kind || !id) return undefined
  if (kind === 'event') return { kind: 'event', id }
  return { kind: 'run', id: id.replace(/:(started|finished)$/, '') }
}
