import { useQuery } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { keys } from './keys'

export function useConnectionInfo() {
  const transport = useTransport()
  return useQuery({ queryKey: keys.connection, queryFn: () => transport.connectionInfo() })
}

export function useMeta() {
  const transport = useTransport()
  return useQuery({ queryKey: keys.meta, queryFn: async () => (await transport.call('get_meta', {})).data })
}
