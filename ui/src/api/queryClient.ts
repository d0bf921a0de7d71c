import { MutationCache, QueryCache, QueryClient } from '@tanstack/vue-query'
import { keys } from './queries/keys'
import { isApiError } from './types'

/** The cache of server state. Fresh by the live stream, so nothing is read again on focus or by timer. */
export function makeQueryClient() {
  let signedOut: () => void = () => undefined

  function watchSession(error: Error) {
    if (!isApiError(error) || error.status !== 401 || error.code === 'invalid_credentials') return
    client.setQueryData(keys.session, null)
    signedOut()
  }

  const queryCache = new QueryCache({ onError: watchSession })
  const client = Object.assign(new QueryClient({
    queryCache,
    mutationCache: new MutationCache({ onError: watchSession }),
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        // The server is on this machine: being offline says nothing about reaching it.
        networkMode: 'always',
        retry: (count, error) => count < 1 && isApiError(error, 'unreachable'),
        retryDelay: 600,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  }), { onSignedOut: (handler: () => void) => { signedOut = handler } })

  // Asked again after the stream was refused: the session may have ended elsewhere.
  queryCache.subscribe(event => {
    if (event.type === 'updated' && event.action.type === 'success' && event.query.queryHash === '["session"]' && event.query.state.data === null) signedOut()
  })
  return client
}
