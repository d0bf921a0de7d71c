import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { putProject } from '../live/cache'
import { usePendingDeletes } from '../pendingDeletes'
import type { Project } from '../types'
import { keys } from './keys'

export type ProjectPatch = Partial<Omit<Project, 'id' | 'createdAt' | 'updatedAt'>>

/** All projects, in the server's order; those about to be deleted are hidden already. */
export function useProjects() {
  const transport = useTransport()
  const { isPending } = usePendingDeletes()
  const query = useQuery({
    queryKey: keys.projects,
    queryFn: async () => (await transport.call('list_projects', { filter: {} })).data,
  })
  const projects = computed(() => query.data.value?.filter(project => !isPending(project.id)))
  return { ...query, projects }
}

export function useProject(id: MaybeRefOrGetter<string>) {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useQuery({
    queryKey: computed(() => keys.project(toValue(id))),
    queryFn: async () => (await transport.call('get_project', { id: toValue(id) })).data,
    // The list knows the record already: nothing has to wait.
    placeholderData: () => queryClient.getQueryData<Project[]>(keys.projects)?.find(p => p.id === toValue(id)),
  })
}

export function useCreateProject() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (body: ProjectPatch) => (await transport.call('create_project', { body })).data,
    onSuccess: project => putProject(queryClient, project),
  })
}

export function useUpdateProject() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (input: { id: string, patch: ProjectPatch, ifUpdatedAt: string }) => {
      const body = { ...input.patch, ifUpdatedAt: input.ifUpdatedAt }
      return (await transport.call('update_project', { id: input.id, body })).data
    },
    onSuccess: project => putProject(queryClient, project),
  })
}
