import { getIcon } from '@iconify/vue'
import type { Directive } from 'vue'

const drawn = new Map<string, Node>()

/**
 * An icon for rows that come and go by the dozen in each frame: `<span v-row-icon="'i-lucide-play'" />`.
 * UIcon is two components and a parser's run each time; this copies a drawing.
 */
export const vRowIcon: Directive<HTMLElement, string> = {
  beforeMount: (element, { value }) => draw(element, value),
  updated: (element, { value, oldValue }) => { if (value !== oldValue) draw(element, value) },
}

function draw(element: HTMLElement, name: string) {
  element.replaceChildren(drawingOf(name).cloneNode(true))
}

function drawingOf(name: string): Node {
  const known = drawn.get(name)
  if (known) return known
  const icon = getIcon(name.replace(/^i-lucide-/, 'lucide:'))
  // The collection is our own bundle's, and a document that is parsed as SVG runs nothing.
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%" viewBox="0 0 24 24" aria-hidden="true">${icon?.body ?? ''}</svg>`
  const drawing = document.importNode(new DOMParser().parseFromString(text, 'image/svg+xml').documentElement, true)
  if (icon) drawn.set(name, drawing)
  return drawing
}
