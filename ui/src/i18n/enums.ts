import type { MessageKey } from './index'

/** How a word of the contract is shown: label, icon and meaning of its colour. */
export interface Look { label: MessageKey, icon: string, tone: Tone }
export type Tone = 'neutral' | 'primary' | 'success' | 'info' | 'warning' | 'error'

export const statusLooks = {
  'planning': { label: 'status.planning', icon: 'i-lucide-circle-dashed', tone: 'info' },
  'in-progress': { label: 'status.inProgress', icon: 'i-lucide-circle-dot', tone: 'primary' },
  'paused': { label: 'status.paused', icon: 'i-lucide-circle-pause', tone: 'warning' },
  'completed': { label: 'status.completed', icon: 'i-lucide-circle-check', tone: 'success' },
  'cancelled': { label: 'status.cancelled', icon: 'i-lucide-circle-x', tone: 'neutral' },
} satisfies Record<string, Look>

export const priorityLooks = {
  low: { label: 'priority.low', icon: 'i-lucide-signal-low', tone: 'neutral' },
  medium: { label: 'priority.medium', icon: 'i-lucide-signal-medium', tone: 'neutral' },
  high: { label: 'priority.high', icon: 'i-lucide-signal-high', tone: 'warning' },
  urgent: { label: 'priority.urgent', icon: 'i-lucide-circle-alert', tone: 'error' },
} satisfies Record<string, Look>

export const runStatusLooks = {
  running: { label: 'runStatus.running', icon: 'i-lucide-loader', tone: 'primary' },
  completed: { label: 'runStatus.completed', icon: 'i-lucide-circle-check', tone: 'success' },
  failed: { label: 'runStatus.failed', icon: 'i-lucide-circle-x', tone: 'error' },
  cancelled: { label: 'runStatus.cancelled', icon: 'i-lucide-ban', tone: 'neutral' },
} satisfies Record<string, Look>

export const levelLooks = {
  debug: { label: 'level.debug', icon: 'i-lucide-bug', tone: 'neutral' },
  info: { label: 'level.info', icon: 'i-lucide-info', tone: 'neutral' },
  warn: { label: 'level.warn', icon: 'i-lucide-triangle-alert', tone: 'warning' },
  error: { label: 'level.error', icon: 'i-lucide-circle-alert', tone: 'error' },
} satisfies Record<string, Look>

export const statuses = Object.keys(statusLooks) as (keyof typeof statusLooks)[]
export const priorities = Object.keys(priorityLooks) as (keyof typeof priorityLooks)[]
export const levels = Object.keys(levelLooks) as (keyof typeof levelLooks)[]

/** Imported files may hold words the contract does not list: they have no look and are shown as they are. */
export function lookOf(looks: Record<string, Look>, word: string): Look | undefined {
  return Object.hasOwn(looks, word) ? looks[word] : undefined
}

export const toneText: Record<Tone, string> = {
  neutral: 'text-muted', primary: 'text-primary', success: 'text-success', info: 'text-info', warning: 'text-warning', error: 'text-error',
}
