import type { AgentEvent, LiveChange, Run } from '../types'

/** What went wrong for an agent, as it arrived. */
export interface Failure { kind: 'run' | 'event', id: string, title: string, runId: string | null }

type Listener = (failures: readonly Failure[]) => void
const listeners = new Set<Listener>()

export function onFailures(listener: Listener): () => void {
  listeners.add(listener)
  return () => { listeners.delete(listener) }
}

/** Tells the listeners of a frame's worth of changes, once. */
export function tellFailures(changes: readonly LiveChange[]) {
  if (listeners.size === 0) return
  const failures = changes.flatMap(failureOf)
  if (failures.length > 0) for (const listener of listeners) listener(failures)
}

/** A run that ended failed, or an error that belongs to no run: within a run, its end tells enough. */
export function failureOf({ kind, op, document }: LiveChange): Failure[] {
  if (!document || op === 'deleted') return []
  if (kind === 'run') {
    const run = document as Run
    return run.status === 'failed' ? [{ kind: 'run', id: run.id, title: run.title ?? run.id, runId: run.id }] : []
  }
  const event = document as AgentEvent
  if (kind !== 'event' || event.level !== 'error' || event.runId) return []
  return [{ kind: 'event', id: event.id, title: event.title ?? event.message ?? event.type, runId: null }]
}
