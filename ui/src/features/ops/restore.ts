import type { MessageKey } from '@/i18n'

/** Where a restore reads from. Without a file the window's core asks for one. */
export type RestoreSource = { kind: 'file', file?: File } | { kind: 'stored', name: string }

export const phaseLabels = {
  receiving: 'ops.phaseReceiving', inspecting: 'ops.phaseInspecting', staging: 'ops.phaseStaging', waiting: 'ops.phaseWaiting',
  saving: 'ops.phaseSaving', copying: 'ops.phaseCopying', finishing: 'ops.phaseFinishing',
} satisfies Record<string, MessageKey>
