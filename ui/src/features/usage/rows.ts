import type { TokenStats, UsageKey } from '@/api/types'

export interface UsageRow { key: string, records: number, promptTokens: number, completionTokens: number, totalTokens: number, cost: number }

/** The lists of the answer under one shape: the key stands under another name in each. */
export function rowsBy(stats: TokenStats, by: UsageKey): UsageRow[] {
  switch (by) {
    case 'model': return stats.byModel.map(row => ({ ...row, key: row.model }))
    case 'project': return stats.byProject.map(row => ({ ...row, key: row.projectId }))
    case 'agent': return stats.byAgent.map(row => ({ ...row, key: row.agentId }))
    case 'workspace': return stats.byWorkspace.map(row => ({ ...row, key: row.workspace }))
    case 'source': return stats.bySource.map(row => ({ ...row, key: row.source }))
  }
}

/** What the server calls records without such a key. */
export const NAMELESS = new Set(['unassigned', 'unknown'])
