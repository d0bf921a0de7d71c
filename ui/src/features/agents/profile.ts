import type { JsonField } from '@/shared/format/jsonFields'
import type { CommonValues, RecordShape } from './record'

export interface ProfileValues extends CommonValues {
  role: string
  styleTags: string[]
  skills: string[]
  outputMode: string
  writebackPolicy: string
  permissions: JsonField[]
}

export const profileShape: RecordShape<ProfileValues> = {
  texts: ['name', 'role', 'description', 'outputMode', 'writebackPolicy'],
  lists: ['styleTags', 'skills'],
  objects: ['permissions', 'meta'],
  defaults: { role: 'general', outputMode: 'concise', writebackPolicy: 'minimal' },
}

/** Words that agents' set-ups use, beside those that other profiles already have. The server takes any. */
export const commonWords = {
  role: ['general', 'engineer', 'researcher', 'reviewer', 'tester', 'planner'],
  outputMode: ['concise', 'detailed', 'structured'],
  writebackPolicy: ['minimal', 'milestones', 'events-only', 'full'],
} as const
