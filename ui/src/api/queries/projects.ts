import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { putProject } from '../live/cache'
import { usePendingDeletes } from '../pendingDeletes'
import { usePendingEdits } from '../pendingEdits'
import { isApiError, type Project } from '../types'
import { keys } from './keys'

export type ProjectPatch = Partial<Omit<Project, 'id' | 'createdAt' | 'updatedAt'>>

/** All projects, in manual order. Those about to be deleted are hidden already, and edits on their way are shown. */
export function useProjects() {
  const transport = useTransport()
  const { isPending } = usePendingDeletes()
  const { withEdits } = usePendingEdits()
  const query = useQuery({
    queryKey: keys.projects,
    queryFn: async () => (await transport.call('list_projects', { filter: {} })).data,
    structuralSharing: (known, arrived) => keepUnchanged(known as Project[] | undefined, arrived as Project[]),
    shallow: true,
  })
  const projects = computed(() => {
    const list = query.data.value?.filter(project => !isPending(project.id))
    return list && withEdits(list)
  })
  return { ...query, projects }
}

/** `updatedAt` moves with every write: an equal stamp is the same record, and its row need not be drawn again. */
function keepUnchanged(known: readonly Project[] | undefined, arrived: Project[]): Project[] {
  const byId = new Map(known?.map(project => [project.id, project]))
  return arrived.map(project => {
    const same = byId.get(project.id)
    return same?.updatedAt === project.updatedAt ? same : project
  })
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

/** A change that can be made again on a newer version: what others saved meanwhile stays. */
export function useChangeProject() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (input: { project: Project, patchOf: (current: Project) => ProjectPatch }) => {
      const send = async (current: Project) =>
        (await transport.call('update_project', { id: current.id, body: { ...input.patchOf(current), ifUpdatedAt: current.updatedAt } })).data
      try { return await send(input.project) }
      catch (error) {
        if (!isApiError(error, 'conflict')) throw error
        return send((await transport.call('get_project', { id: input.project.id })).data)
      }
    },
    onSuccess: project => putProject(queryClient, project),
  })
}
