import type { Profile } from '../types'
import { keys } from './keys'
import { type RecordDoor, useRecordRemoval, useRecords, useRecordWrites } from './records'

const door: RecordDoor<Profile> = {
  key: keys.profiles,
  gone: 'profile_not_found',
  list: transport => transport.call('list_profiles', { filter: {} }),
  create: (transport, body) => transport.call('create_profile', { body }),
  update: (transport, id, body) => transport.call('update_profile', { id, body }),
  remove: (transport, id) => transport.call('delete_profile', { id }),
  removeAndLeave: (transport, id) => transport.callAndLeave('delete_profile', { id }),
}

export const useProfiles = () => useRecords(door)
export const useProfileWrites = () => useRecordWrites(door)
export const useProfileRemoval = () => useRecordRemoval(door)
