import { computed } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { keys } from './keys'
import { useSession } from './session'

/** Where the one who is signed in is signed in. The window has no sessions. */
export function useOwnSessions() {
  const transport = useTransport()
  const { session, hasAccount } = useSession()
  return useQuery({
    queryKey: computed(() => keys.sessions(session.value?.user.id ?? '')),
    queryFn: async () => (await transport.call('list_sessions', {})).data,
    enabled: computed(() => hasAccount && session.value !== null),
    staleTime: 0,
  })
}

/** Ends them one after the other; each is signed out at once. */
export function useEndSessions() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      for (const id of ids) await transport.call('end_session', { id })
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['sessions'] }),
  })
}
