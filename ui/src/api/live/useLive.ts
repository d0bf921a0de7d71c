import { onScopeDispose } from 'vue'
import { type InfiniteData, type Query, useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { keys } from '../queries/keys'
import type { LiveChange } from '../types'
import { applyChanges } from './cache'
import { tellFailures } from './failures'
import { useLiveState } from './state'

/** How long a change is kept for answers that were on their way when it came. */
const RECENT_MS = 5000

interface Recent { at: number, change: LiveChange }

/** Keeps the query cache level with the server while the app is shown. Changes are applied once a frame. */
export function useLive() {
  const queryClient = useQueryClient()
  const transport = useTransport()
  const state = useLiveState()
  let waiting: LiveChange[] = []
  // Two buckets that take turns: forgetting costs nothing, however many come.
  let recent: Recent[] = []
  let older: Recent[] = []
  let turnedAt = 0
  let isScheduled = false

  function applyWaiting() {
    isScheduled = false
    const changes = waiting
    waiting = []
    applyChanges(queryClient, changes)
    tellFailures(changes)
  }

  /** Hidden pages get no frames; a timer keeps the queue from growing there. */
  function schedule() {
    if (isScheduled) return
    isScheduled = true
    if (document.hidden) setTimeout(applyWaiting, 250)
    else requestAnimationFrame(applyWaiting)
  }

  function take(change: LiveChange) {
    const now = performance.now()
    waiting.push(change)
    if (now - turnedAt > RECENT_MS) {
      older = recent
      recent = []
      turnedAt = now
    }
    recent.push({ at: now, change })
    schedule()
  }

  /** An answer read before a change was committed may arrive after it: what came since it was asked for is put in again. */
  function replaySince(asked: number) {
    const missed = [...older, ...recent].filter(r => r.at >= asked && (r.change.document || r.change.op === 'deleted'))
    if (missed.length === 0) return
    waiting = [...missed.map(r => r.change), ...waiting]
    schedule()
  }

  function refetchAll() {
    // What waited for its frame is older than what is read now: a delete from before a restore must not come after it.
    waiting = []
    recent = []
    older = []
    // Long lists start again from their newest page instead of reading every page they had.
    queryClient.setQueriesData<InfiniteData<unknown>>({ queryKey: ['runs'] }, firstPage)
    void queryClient.invalidateQueries()
  }

  const stopLive = transport.openLive({
    onChange: take,
    onReset: refetchAll,
    onState: next => { state.value = next },
    onRefused: () => { void queryClient.invalidateQueries({ queryKey: keys.session }) },
  })
  const askedAt = new WeakMap<Query, number>()
  const stopWatching = queryClient.getQueryCache().subscribe(event => {
    if (event.type !== 'updated') return
    if (event.action.type === 'fetch') askedAt.set(event.query, performance.now())
    else if (event.action.type === 'success' && !event.action.manual && !isApart(event.query)) replaySince(askedAt.get(event.query) ?? 0)
  })
  onScopeDispose(() => {
    stopLive()
    stopWatching()
  })
}

/** Answers that no live change is written into. */
function isApart(query: Query): boolean {
  return query.queryKey[0] === 'figures' || query.queryKey[0] === 'olderEvents'
}

function firstPage(data: InfiniteData<unknown> | undefined) {
  return data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) }
}
