import { computed } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import type { Answer, Transport } from '@/transport'
import { useTransport } from '../client'
import { dropListed, type Listed, putListed } from '../live/cache'
import { usePendingRecords } from '../pendingRecords'
import { isApiError } from '../types'

/** How one noun's records are asked for. Profiles and capabilities behave alike. */
export interface RecordDoor<T extends Listed> {
  key: readonly [string]
  /** The code of a failure that says: there is no such record. */
  gone: string
  list: (transport: Transport) => Promise<Answer<T[]>>
  create: (transport: Transport, body: Record<string, unknown>) => Promise<Answer<T>>
  update: (transport: Transport, id: string, body: Record<string, unknown>) => Promise<Answer<T>>
  remove: (transport: Transport, id: string) => Promise<unknown>
  removeAndLeave: (transport: Transport, id: string) => void
}

/** All records of a noun, without those about to be deleted. */
export function useRecords<T extends Listed>(door: RecordDoor<T>) {
  const transport = useTransport()
  const { isPending } = usePendingRecords()
  const query = useQuery({ queryKey: door.key, queryFn: async () => (await door.list(transport)).data, shallow: true })
  const records = computed(() => (query.data.value as T[] | undefined)?.filter(record => !isPending(markOf(door, record.id))))
  return { records, error: query.error, refetch: query.refetch }
}

/** Thrown when a record was to be made under an id that another one has. */
export class IdTaken extends Error {}

export function useRecordWrites<T extends Listed>(door: RecordDoor<T>) {
  const transport = useTransport()
  const queryClient = useQueryClient()
  const put = (record: T) => putListed(queryClient, door.key, record)

  const create = useMutation({
    mutationFn: async (body: Record<string, unknown>) => {
      const answer = await door.create(transport, body)
      if (answer.created === false) throw new IdTaken()
      return answer.data
    },
    onSuccess: put,
  })
  const update = useMutation({
    mutationFn: async ({ id, body }: { id: string, body: Record<string, unknown> }) => (await door.update(transport, id, body)).data,
    onSuccess: put,
    onError: error => { if (isApiError(error, 'conflict') && error.body.current) put(error.body.current as unknown as T) },
  })
  return { create: create.mutateAsync, update: update.mutateAsync }
}

/** Deletes in two steps: hidden at once, gone when the time to undo is over or the page is left. */
export function useRecordRemoval<T extends Listed>(door: RecordDoor<T>) {
  const transport = useTransport()
  const queryClient = useQueryClient()
  const pending = usePendingRecords()

  function hide(id: string) {
    pending.add(markOf(door, id))
    window.addEventListener('pagehide', () => {
      // No answer can be waited for.
      if (pending.isPending(markOf(door, id))) door.removeAndLeave(transport, id)
      pending.remove(markOf(door, id))
    }, { once: true })
  }

  function undo(id: string) { pending.remove(markOf(door, id)) }

  async function commit(id: string) {
    if (!pending.isPending(markOf(door, id))) return
    try {
      await door.remove(transport, id)
      dropListed(queryClient, door.key, id)
    }
    catch (error) {
      if (!isApiError(error, door.gone)) throw error
      dropListed(queryClient, door.key, id)
    }
    finally { pending.remove(markOf(door, id)) }
  }

  return { hide, undo, commit }
}

function markOf(door: { key: readonly [string] }, id: string): string {
  return `${door.key[0]}:${id}`
}
