import { inject, type InjectionKey } from 'vue'
import type { Transport } from '@/transport'

export const transportKey: InjectionKey<Transport> = Symbol('transport')

/** The door to the server, for queries and mutations. Components never call it. */
export function useTransport(): Transport {
  const transport = inject(transportKey)
  if (!transport) throw new Error('no transport provided')
  return transport
}
