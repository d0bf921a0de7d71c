import type { LiveChange, LiveHandlers } from './types'

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 10_000

const renewals = new Set<() => void>()

/** For a new session: the streams go on with its cookie, before the server ends those of the old one. */
export function renewEventStreams() {
  for (const renew of renewals) renew()
}

/** The live stream in a browser. EventSource resumes by itself; where it gives up, this starts it again. */
export function openEventStream(handlers: LiveHandlers): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_WAIT_MS
  let wasLost = false

  function connect() {
    source = new EventSource('/api/stream')
    source.addEventListener('open', () => {
      wait = FIRST_WAIT_MS
      handlers.onState('live')
      // A new connection may not know where the old one stopped.
      if (wasLost) handlers.onReset()
      wasLost = false
    })
    source.addEventListener('error', () => {
      wasLost = true
      handlers.onState('lost')
      // CLOSED means the server answered, but not with a stream.
      if (source?.readyState === EventSource.CLOSED) {
        handlers.onRefused()
        retryLater()
      }
    })
    source.addEventListener('change', message => {
      handlers.onChange(JSON.parse((message as MessageEvent<string>).data) as LiveChange)
    })
    source.addEventListener('reset', () => handlers.onReset())
  }

  function retryLater() {
    source?.close()
    timer = setTimeout(connect, wait)
    wait = Math.min(wait * 2, LONGEST_WAIT_MS)
  }

  function renew() {
    clearTimeout(timer)
    source?.close()
    wasLost = true
    connect()
  }

  handlers.onState('connecting')
  connect()
  renewals.add(renew)
  return () => {
    renewals.delete(renew)
    clearTimeout(timer)
    source?.close()
  }
}
