import type { MessageKey } from '@/i18n'
import type { LiveState } from '@/api/types'

export { localeNames, themeLooks } from '@/i18n/appearance'

export const liveLooks: Record<LiveState, { label: MessageKey, dot: string }> = {
  connecting: { label: 'strip.connecting', dot: 'bg-warning pd-pulse' },
  live: { label: 'strip.live', dot: 'bg-success' },
  lost: { label: 'strip.lost', dot: 'bg-error pd-pulse' },
}
