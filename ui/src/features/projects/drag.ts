import { attachClosestEdge, extractClosestEdge } from '@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge'
import { autoScrollForElements } from '@atlaskit/pragmatic-drag-and-drop-auto-scroll/element'
import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine'
import { draggable, dropTargetForElements, monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter'
import { computed, onScopeDispose, ref, type Ref, watch } from 'vue'
import type { Side } from './board'
import type { Place } from './useProjectWrites'

type Data = Record<string | symbol, unknown>
type Element = Readonly<Ref<HTMLElement | null>>

const isCard = (data: Data) => data.kind === 'project-card'
const isColumn = (data: Data) => data.kind === 'project-column'
const sideOf = (data: Data): Side => extractClosestEdge(data) === 'top' ? 'before' : 'after'

/** A card that can be dragged and, while the order is by hand, dropped beside. */
export function useCardDrag(element: Element, options: { id: () => string, mayDrag: () => boolean, mayPlace: () => boolean }) {
  const isDragging = ref(false)
  const side = ref<Side>()

  attach(computed(() => options.mayDrag() ? element.value : null), root => combine(
    draggable({
      element: root,
      getInitialData: () => ({ kind: 'project-card', id: options.id() }),
      onDragStart: () => { isDragging.value = true },
      onDrop: () => { isDragging.value = false },
    }),
    dropTargetForElements({
      element: root,
      canDrop: ({ source }) => isCard(source.data) && options.mayPlace(),
      getData: ({ input }) => attachClosestEdge({ kind: 'project-card', id: options.id() }, { element: root, input, allowedEdges: ['top', 'bottom'] }),
      onDrag: ({ self, source }) => { side.value = source.data.id === options.id() ? undefined : sideOf(self.data) },
      onDragLeave: () => { side.value = undefined },
      onDrop: () => { side.value = undefined },
    }),
  ))
  return { isDragging, side }
}

/** A column that cards are dropped on; its list scrolls by itself while one is held near an edge. */
export function useColumnDrop(element: Element, scroller: Element, status: () => string) {
  const isOver = ref(false)
  /** Below the last card: it would come last. */
  const isAtEnd = ref(false)
  function leave() {
    isOver.value = false
    isAtEnd.value = false
  }

  attach(element, root => dropTargetForElements({
    element: root,
    canDrop: ({ source }) => isCard(source.data),
    getData: () => ({ kind: 'project-column', status: status() }),
    onDrag: ({ location }) => {
      isOver.value = true
      isAtEnd.value = !location.current.dropTargets.some(target => isCard(target.data))
    },
    onDragLeave: leave,
    onDrop: leave,
  }))
  attach(scroller, root => autoScrollForElements({ element: root, canScroll: ({ source }) => isCard(source.data) }))
  return { isOver, isAtEnd }
}

export interface Drop { id: string, status: string, place: Place | undefined }

/** The whole board: tells what is held, and where it was let go. */
export function useBoardDrag(board: Element, onDrop: (drop: Drop) => void) {
  const held = ref('')
  attach(board, root => combine(
    autoScrollForElements({ element: root, canScroll: ({ source }) => isCard(source.data), getAllowedAxis: () => 'horizontal' }),
    monitorForElements({
      canMonitor: ({ source }) => isCard(source.data),
      onDragStart: ({ source }) => { held.value = String(source.data.id) },
      onDrop: ({ source, location }) => {
        held.value = ''
        const column = location.current.dropTargets.find(target => isColumn(target.data))
        if (!column) return
        const card = location.current.dropTargets.find(target => isCard(target.data))
        const place = card && { target: String(card.data.id), side: sideOf(card.data) }
        onDrop({ id: String(source.data.id), status: String(column.data.status), place })
      },
    }),
  ))
  return { held }
}

function attach(element: Element, start: (root: HTMLElement) => () => void) {
  let stop: (() => void) | undefined
  watch(element, root => {
    stop?.()
    stop = root ? start(root) : undefined
  }, { immediate: true, flush: 'post' })
  onScopeDispose(() => stop?.())
}
