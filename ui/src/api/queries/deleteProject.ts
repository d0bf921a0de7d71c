import { useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { dropProject } from '../live/cache'
import { usePendingDeletes } from '../pendingDeletes'
import { isApiError } from '../types'

/** Deletes in two steps: hidden at once, gone when the time to undo is over or the page is left. */
export function useDeferredDelete() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  const pending = usePendingDeletes()

  function undo(...ids: string[]) { pending.remove(...ids) }

  async function commit(id: string) {
    if (!pending.isPending(id)) return
    try {
      await transport.call('delete_project', { id })
      dropProject(queryClient, id)
    }
    catch (error) {
      if (!isApiError(error, 'project_not_found')) throw error
    }
    finally { pending.remove(id) }
  }

  /** For `pagehide`: no answer can be waited for. */
  function flush() {
    for (const id of pending.ids.value) {
      transport.callAndLeave('delete_project', { id })
      pending.remove(id)
    }
  }

  return { hide: pending.add, undo, commit, flush }
}
