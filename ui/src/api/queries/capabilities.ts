import type { Capability } from '../types'
import { keys } from './keys'
import { type RecordDoor, useRecordRemoval, useRecords, useRecordWrites } from './records'

const door: RecordDoor<Capability> = {
  key: keys.capabilities,
  gone: 'capability_not_found',
  list: transport => transport.call('list_capabilities', { filter: {} }),
  create: (transport, body) => transport.call('create_capability', { body }),
  update: (transport, id, body) => transport.call('update_capability', { id, body }),
  remove: (transport, id) => transport.call('delete_capability', { id }),
  removeAndLeave: (transport, id) => transport.callAndLeave('delete_capability', { id }),
}

export const useCapabilities = () => useRecords(door)
export const useCapabilityWrites = () => useRecordWrites(door)
export const useCapabilityRemoval = () => useRecordRemoval(door)
