import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { useTransport } from '../client'
import { dropProject, putProjects } from '../live/cache'
import { newer } from '../live/pages'
import { usePendingEdits } from '../pendingEdits'
import { isApiError, type Project } from '../types'
import type { BatchData } from '@/transport'
import { keys } from './keys'
import type { ProjectPatch } from './projects'

export interface ProjectEdit { project: Project, patch: ProjectPatch }
/** What became of one edit of many; without a code it was saved. */
export interface EditOutcome { project: Project, code?: string, error?: string }

/** Well below the contract's 1 000. */
const BATCH = 400
/** The stamp that the edit before left, by project: edits of one project go one after the other. */
const lines = new Map<string, Promise<string>>()
let lastOrder: Promise<unknown> = Promise.resolve()

/** Edits from lists and boards: shown at once, taken back when they are refused. */
export function useProjectEdits() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  const pending = usePendingEdits()

  const one = useMutation({ mutationFn: ({ project, patch }: ProjectEdit) => inLine(project, async ifUpdatedAt =>
    (await transport.call('update_project', { id: project.id, body: { ...patch, ifUpdatedAt } })).data) })
  const order = useMutation({ mutationFn: async ({ ids, after }: { ids: readonly string[], after?: Promise<unknown> }) => {
    const sent = lastOrder.catch(() => undefined).then(() => after).then(() => transport.call('reorder_projects', { ids: [...ids] }))
    lastOrder = sent
    return (await sent).data
  } })
  const many = useMutation({ mutationFn: async (edits: readonly ProjectEdit[]) => {
    const ops = edits.map(({ project, patch }) => ({ id: project.id, patch, ifUpdatedAt: project.updatedAt }))
    return (await transport.call('batch_projects', { body: { ops } })).data.results
  } })

  /** Throws what the server said; by then the list shows the record as it is. */
  async function edit(change: ProjectEdit): Promise<Project> {
    const takeAway = pending.show(new Map([[change.project.id, change.patch]]))
    try {
      const saved = await one.mutateAsync(change)
      putProjects(queryClient, [saved])
      return saved
    }
    catch (error) {
      if (isApiError(error, 'conflict') && error.body.current) putProjects(queryClient, [error.body.current as unknown as Project])
      else if (isApiError(error, 'project_not_found')) dropProject(queryClient, change.project.id)
      throw error
    }
    finally { takeAway() }
  }

  /** All ids as they stand, also those that no filter shows. */
  function orderedIds(): string[] {
    return pending.withEdits(queryClient.getQueryData<Project[]>(keys.projects) ?? []).map(project => project.id)
  }

  /** Shown at once; sent when `after` is done, and not at all when that fails. */
  async function reorder(ids: readonly string[], after?: Promise<unknown>) {
    const takeAway = pending.showOrder(ids)
    try {
      const list = await order.mutateAsync({ ids, after })
      queryClient.setQueryData<Project[]>(keys.projects, (known = []) => {
        const byId = new Map(known.map(project => [project.id, project]))
        return list.map(project => newer(byId.get(project.id) ?? project, project))
      })
    }
    finally { takeAway() }
  }

  /** Each edit succeeds or fails alone, and tells. */
  async function editMany(edits: readonly ProjectEdit[]): Promise<EditOutcome[]> {
    const takeAway = pending.show(new Map(edits.map(({ project, patch }) => [project.id, patch])))
    const outcomes: EditOutcome[] = []
    try {
      for (let start = 0; start < edits.length; start += BATCH) {
        const chunk = edits.slice(start, start + BATCH)
        const results = await many.mutateAsync(chunk)
        putProjects(queryClient, results.flatMap(currentOf))
        outcomes.push(...chunk.map(({ project }, index) => outcomeOf(project, results[index])))
      }
    }
    finally { takeAway() }
    for (const { project, code } of outcomes) if (code === 'project_not_found') dropProject(queryClient, project.id)
    return outcomes
  }

  return { edit, editMany, reorder, orderedIds }
}

type BatchItem = BatchData['results'][number]

function currentOf(item: BatchItem): Project[] {
  const record = item.success ? (item as { data?: unknown }).data : (item as { current?: unknown }).current
  return record ? [record as Project] : []
}

function outcomeOf(project: Project, item: BatchItem | undefined): EditOutcome {
  if (!item) return { project, code: 'internal' }
  return 'code' in item ? { project, code: item.code, error: item.error } : { project }
}

/** What this page wrote itself in between is no conflict. */
async function inLine(project: Project, send: (ifUpdatedAt: string) => Promise<Project>): Promise<Project> {
  const before = lines.get(project.id)
  const sent = (async () => {
    const own = await before ?? ''
    return send(own > project.updatedAt ? own : project.updatedAt)
  })()
  const left = sent.then(saved => saved.updatedAt, () => '')
  lines.set(project.id, left)
  try { return await sent }
  finally { if (lines.get(project.id) === left) lines.delete(project.id) }
}
