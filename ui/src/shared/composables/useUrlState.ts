import { computed, nextTick, type WritableComputedRef } from 'vue'
import { type LocationQueryValue, type Router, useRoute, useRouter } from 'vue-router'

type QueryPatch = Record<string, string | string[] | undefined>

const waiting = new WeakMap<Router, QueryPatch>()

/** What a screen shows lives in the address: reload, back and a shared link land on the same picture. */
export function useUrlState() {
  const route = useRoute()
  const router = useRouter()

  /** Several changes in one tick become one step. */
  function patchQuery(patch: QueryPatch) {
    const known = waiting.get(router)
    if (known) return void Object.assign(known, patch)
    waiting.set(router, { ...patch })
    void nextTick(() => {
      const query = { ...route.query, ...waiting.get(router) }
      waiting.delete(router)
      void router.replace({ query: clean(query), hash: route.hash })
    })
  }

  function text(name: string, fallback = ''): WritableComputedRef<string> {
    return computed({
      get: () => first(route.query[name]) ?? fallback,
      set: value => patchQuery({ [name]: value === fallback ? undefined : value }),
    })
  }

  function choice<T extends string>(name: string, allowed: readonly T[], fallback: T): WritableComputedRef<T> {
    return computed({
      get: () => allowed.find(value => value === first(route.query[name])) ?? fallback,
      set: value => patchQuery({ [name]: value === fallback ? undefined : value }),
    })
  }

  function list(name: string): WritableComputedRef<string[]> {
    return computed({
      get: () => [route.query[name] ?? []].flat().filter(value => value !== null),
      set: values => patchQuery({ [name]: values.length > 0 ? values : undefined }),
    })
  }

  return { text, choice, list, patchQuery }
}

function first(value: LocationQueryValue | LocationQueryValue[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value) ?? undefined
}

function clean(query: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Record<string, string | string[]>
}
