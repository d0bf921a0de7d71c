import { computed } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { keys } from './keys'
import { useSession } from './session'

/** What follows a person from browser to browser. Fields of other versions are kept. */
export type Preferences = Record<string, unknown>

/** Of whoever is signed in; in the window, of the window. */
export function usePreferences() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  const { session, hasAccount } = useSession()
  const owner = computed(() => hasAccount ? session.value?.user.id : 'window')
  const query = useQuery({
    queryKey: computed(() => keys.preferences(owner.value ?? '')),
    queryFn: async () => (await transport.call('get_preferences', {})).data,
    enabled: computed(() => owner.value !== undefined),
    staleTime: Infinity,
  })
  const { mutate: save } = useMutation({
    /** The whole object is replaced, so the change is laid over what is known. */
    mutationFn: async (change: Preferences) => {
      const key = keys.preferences(owner.value ?? '')
      const body = { ...queryClient.getQueryData<Preferences>(key), ...change }
      queryClient.setQueryData(key, body)
      await transport.call('set_preferences', { body })
    },
    // One after the other: the last choice wins.
    scope: { id: 'preferences' },
  })
  return { owner, preferences: query.data, save }
}
