import { QueryClient } from '@tanstack/vue-query'
import { expect, it } from 'vitest'
import { keys } from '../queries/keys'
import type { LiveChange, Profile } from '../types'
import { applyChanges } from './cache'

const change = (fields: Partial<LiveChange>): LiveChange =>
  ({ kind: 'profile', op: 'updated', id: 'a', projectId: null, runId: null, document: null, ...fields })

it('writes profiles into their list, newer over older, and drops deleted ones', () => {
  const client = new QueryClient()
  client.setQueryData(keys.profiles, [{ id: 'a', name: 'old', updatedAt: '2' }])
  applyChanges(client, [
    change({ document: { id: 'a', name: 'new', updatedAt: '3' } }),
    change({ document: { id: 'a', name: 'late', updatedAt: '1' } }),
    change({ op: 'created', id: 'b', document: { id: 'b', name: 'made', updatedAt: '1' } }),
  ])
  expect(client.getQueryData<Profile[]>(keys.profiles)?.map(profile => profile.name)).toEqual(['made', 'new'])
  applyChanges(client, [change({ op: 'deleted', id: 'b' })])
  expect(client.getQueryData<Profile[]>(keys.profiles)?.map(profile => profile.id)).toEqual(['a'])
})

it('keeps capabilities apart, and waits for a list that nobody read yet', () => {
  const client = new QueryClient()
  client.setQueryData(keys.profiles, [])
  applyChanges(client, [change({ kind: 'capability', op: 'created', document: { id: 'a', name: 'c', updatedAt: '1' } })])
  expect(client.getQueryData(keys.profiles)).toEqual([])
  expect(client.getQueryData(keys.capabilities)).toBeUndefined()
})
