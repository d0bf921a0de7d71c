import { useKeys } from './useKeys'

/** `j` and `k` walk through a screen's items; Enter then opens the focused link or button by itself. */
export function useNavItems() {
  function step(by: number) {
    const items = [...document.querySelectorAll<HTMLElement>('[data-nav-item]')]
    const current = items.findIndex(item => item === document.activeElement)
    const next = items[current < 0 ? (by > 0 ? 0 : items.length - 1) : current + by]
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
  }
  useKeys({ j: () => step(1), k: () => step(-1) })
}
