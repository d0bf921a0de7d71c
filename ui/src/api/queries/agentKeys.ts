import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import type { AgentRight } from '../types'
import { keys } from './keys'

export interface AgentKeyInput { agentId: string, name?: string, projectIds?: string[], rights?: AgentRight[], expiresAt?: string }

/** "Last used" moves without anybody telling. */
const REREAD_MS = 15_000

/** Keys of agents, newest first; for administrators. */
export function useAgentKeys() {
  const transport = useTransport()
  return useQuery({
    queryKey: keys.agentKeys,
    queryFn: async () => (await transport.call('list_agent_keys', {})).data,
    staleTime: 0,
    refetchInterval: REREAD_MS,
  })
}

/** What follows from there being a key or none: open mode, and the commands that are shown. */
function useKeysChanged() {
  const queryClient = useQueryClient()
  return () => Promise.all([keys.agentKeys, keys.connection, keys.meta].map(queryKey => queryClient.invalidateQueries({ queryKey })))
}

/** The answer alone holds the key itself: it is kept by nobody but the one who asked. */
export function useCreateAgentKey() {
  const transport = useTransport()
  return useMutation({
    mutationFn: async (input: AgentKeyInput) => (await transport.call('create_agent_key', { body: { ...input } })).data,
    gcTime: 0,
    onSuccess: useKeysChanged(),
  })
}

export function useRevokeAgentKey() {
  const transport = useTransport()
  return useMutation({
    mutationFn: async (id: string) => { await transport.call('revoke_agent_key', { id }) },
    onSuccess: useKeysChanged(),
  })
}
