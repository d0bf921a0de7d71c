import { computed } from 'vue'
import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import type { Transport } from '@/transport'
import { useTransport } from '../client'
import { isApiError } from '../types'
import { keys } from './keys'

/** Null means: a browser that has not signed in. */
export function sessionOptions(transport: Transport) {
  return queryOptions({
    queryKey: keys.session,
    staleTime: Infinity,
    queryFn: async () => {
      try { return await transport.session?.me() ?? null }
      catch (error) {
        if (isApiError(error, 'not_signed_in') || (isApiError(error) && error.status === 401)) return null
        throw error
      }
    },
  })
}

/** True when pages may be shown: the window always, a browser after signing in. */
export async function mayEnter(queryClient: QueryClient, transport: Transport): Promise<boolean> {
  if (!transport.session) return true
  // An unreachable server is no reason to ask for a password: the page shows that state itself.
  try { return await queryClient.ensureQueryData(sessionOptions(transport)) !== null }
  catch { return true }
}

/** The session, and whether there is such a thing: the window has no account. */
export function useSession() {
  const transport = useTransport()
  const query = useQuery({ ...sessionOptions(transport), enabled: transport.session !== null })
  return { session: computed(() => query.data.value ?? null), hasAccount: transport.session !== null }
}

/** Whether write controls make sense: the window's owner and administrators. The server decides; this only spares a refusal. */
export function useMayWrite() {
  const { session, hasAccount } = useSession()
  return computed(() => !hasAccount || session.value?.user.role === 'admin')
}

export function useSignIn() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (input: { username: string, password: string }) => {
      if (!transport.session) throw new Error('the window signs nobody in')
      return transport.session.login(input.username, input.password)
    },
    onSuccess: session => {
      // What was read for somebody else is not for this one: a viewer may read less.
      queryClient.removeQueries({ type: 'inactive' })
      queryClient.setQueryData(keys.session, session)
    },
  })
}

export function useSignOut() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async () => { await transport.session?.logout() },
    onSuccess: () => {
      queryClient.clear()
      queryClient.setQueryData(keys.session, null)
    },
  })
}

export function useChangePassword() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (input: { currentPassword: string, newPassword: string }) => {
      if (!transport.session) throw new Error('the window has no password')
      return transport.session.changePassword(input.currentPassword, input.newPassword)
    },
    onSuccess: session => {
      queryClient.setQueryData(keys.session, session)
      // It says whether the default password is unchanged, too.
      void queryClient.invalidateQueries({ queryKey: keys.meta })
    },
  })
}
