import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import type { UserEntry } from '../types'
import { keys } from './keys'

export type UserRole = 'admin' | 'viewer'
export interface NewUser { username: string, password: string, role: UserRole }
export interface UserChange { role?: UserRole, disabled?: boolean }

/** Everybody who may sign in; for administrators. */
export function useUsers() {
  const transport = useTransport()
  return useQuery({
    queryKey: keys.users,
    queryFn: async () => (await transport.call('list_users', {})).data,
    // No live change tells of users: what was read a moment ago may be old.
    staleTime: 0,
  })
}

export function useCreateUser() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (user: NewUser) => (await transport.call('create_user', { body: { ...user } })).data,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.users }),
  })
}

export function useUpdateUser() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (input: { id: string, change: UserChange }) =>
      (await transport.call('update_user', { id: input.id, body: { ...input.change } })).data,
    onSuccess: (user: UserEntry) => {
      queryClient.setQueryData<UserEntry[]>(keys.users, users => users?.map(other => other.id === user.id ? user : other))
      // One's own role decides what the screens offer.
      if (user.isSelf) void queryClient.invalidateQueries({ queryKey: keys.session })
      void queryClient.invalidateQueries({ queryKey: keys.meta })
    },
    onError: () => queryClient.invalidateQueries({ queryKey: keys.users }),
  })
}

/** A new password for somebody else, whose sessions end. */
export function useResetPassword() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (input: { id: string, password: string }) => {
      await transport.call('reset_user_password', { id: input.id, body: { password: input.password } })
    },
    onSuccess: () => Promise.all([
      queryClient.invalidateQueries({ queryKey: keys.users }),
      queryClient.invalidateQueries({ queryKey: keys.meta }),
    ]),
  })
}
