export interface Period { current: number, before: number }
export type Change = { share: number, sign: -1 | 0 | 1 }

/** How a figure moved against the period before. Undefined when there was nothing before: no share of nothing. */
export function changeOf({ current, before }: Period): Change | undefined {
  if (before === 0) return undefined
  const share = (current - before) / before * 100
  return { share, sign: Math.abs(share) < 0.5 ? 0 : share > 0 ? 1 : -1 }
}
