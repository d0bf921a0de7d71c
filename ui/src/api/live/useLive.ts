import { onScopeDispose } from 'vue'
import { type InfiniteData, useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { keys } from '../queries/keys'
import type { LiveChange } from '../types'
import { applyChanges } from './cache'
import { useLiveState } from './state'

/** How long a change is kept for answers that were on their way when it came. */
const RECENT_MS = 5000

/** Keeps the query cache level with the server while the app is shown. Changes are applied once a frame. */
export function useLive() {
  const queryClient = useQueryClient()
  const transport = useTransport()
  const state = useLiveState()
  let waiting: LiveChange[] = []
  let recent: { at: number, change: LiveChange }[] = []
  let isScheduled = false

  function applyWaiting() {
    isScheduled = false
    const changes = waiting
    waiting = []
    applyChanges(queryClient, changes)
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
    recent.push({ at: now, change })
    if (recent.length > 2000 || now - (recent[0]?.at ?? now) > 2 * RECENT_MS) recent = recent.filter(r => now - r.at < RECENT_MS)
    schedule()
  }

  /** An answer read before a change was committed may arrive after it: the change is put in again. */
  function replayRecent() {
    const now = performance.now()
    const missed = recent.filter(r => now - r.at < RECENT_MS && r.change.document && r.change.op !== 'deleted')
    if (missed.length === 0) return
    waiting = [...missed.map(r => r.change), ...waiting]
    schedule()
  }

  function refetchAll() {
    // What waited for its frame is older than what is read now: a delete from before a restore must not come after it.
    waiting = []
    recent = []
    // Long lists start again from their newest page instead of reading every page they had.
    queryClient.setQueriesData<InfiniteData<unknown>>({ queryKey: ['events'] }, firstPage)
    queryClient.setQueriesData<InfiniteData<unknown>>({ queryKey: ['runs'] }, firstPage)
    void queryClient.invalidateQueries()
  }

  const stopLive = transport.openLive({
    onChange: take,
    onReset: refetchAll,
    onState: next => { state.value = next },
    onRefused: () => { void queryClient.invalidateQueries({ queryKey: keys.session }) },
  })
  const stopWatching = queryClient.getQueryCache().subscribe(event => {
    if (event.type === 'updated' && event.action.type === 'success' && !event.action.manual) replayRecent()
  })
  onScopeDispose(() => {
    stopLive()
    stopWatching()
  })
}

function firstPage(data: InfiniteData<unknown> | undefined) {
  return data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) }
}
