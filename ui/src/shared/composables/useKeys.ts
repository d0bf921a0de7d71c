import { defineShortcuts } from '@nuxt/ui/composables'

type Handler = () => void

/** Shortcuts of a screen. They rest while a dialog or menu is open, and while the reader types. */
export function useKeys(bindings: Record<string, Handler>) {
  const guarded = Object.entries(bindings).map(([key, handler]) => [key, () => { if (!isCovered()) handler() }] as const)
  defineShortcuts(Object.fromEntries(guarded))
}

/** True while something lies over the screen and owns the keyboard. */
export function isCovered(): boolean {
  return document.querySelector('[role="dialog"][data-state="open"], [role="menu"][data-state="open"], [role="listbox"][data-state="open"]') !== null
}
