import { expect, it, vi } from 'vitest'
import type { LiveChange } from '../types'
import { failureOf, onFailures, tellFailures } from './failures'

const change = (fields: Partial<LiveChange>): LiveChange => ({ kind: 'run', op: 'updated', id: 'x', projectId: null, runId: null, document: null, ...fields })

it.each([
  [{ document: { id: 'r', status: 'failed', title: 'Tests' } }, [{ kind: 'run', id: 'r', title: 'Tests', runId: 'r' }]],
  [{ document: { id: 'r', status: 'completed' } }, []],
  [{ kind: 'event', document: { id: 'e', level: 'error', title: 'Lost', type: 'error' } }, [{ kind: 'event', id: 'e', title: 'Lost', runId: null }]],
  [{ kind: 'event', document: { id: 'e', level: 'error', title: 'Lost', runId: 'r' } }, []],
  [{ kind: 'event', document: { id: 'e', level: 'warn', title: 'Hm' } }, []],
  [{ op: 'deleted', document: { id: 'r', status: 'failed' } }, []],
] as const)('%j', (fields, failures) => { expect(failureOf(change(fields as Partial<LiveChange>))).toEqual(failures) })

it('tells listeners once for many changes, and nobody after they left', () => {
  const listener = vi.fn()
  const leave = onFailures(listener)
  const failed = change({ document: { id: 'r', status: 'failed' } })
  tellFailures([failed, failed, change({})])
  expect(listener).toHaveBeenCalledTimes(1)
  expect(listener.mock.calls[0]?.[0]).toHaveLength(2)
  leave()
  tellFailures([failed])
  expect(listener).toHaveBeenCalledTimes(1)
})
