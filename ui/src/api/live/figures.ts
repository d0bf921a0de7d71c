import type { QueryClient } from '@tanstack/vue-query'

/** Sums over many records cannot be patched record by record; at this pace they stay true without flooding the server. */
const PACE_MS = 3000

const due = new WeakMap<QueryClient, ReturnType<typeof setTimeout>>()

/** Reads shown figures again, once, a while after the first change. */
export function touchFigures(client: QueryClient) {
  if (due.has(client)) return
  due.set(client, setTimeout(() => {
    due.delete(client)
    void client.invalidateQueries({ queryKey: ['figures'] })
  }, PACE_MS))
}
