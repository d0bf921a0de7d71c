import { describe, expect, it } from 'vitest'
import { ref } from 'vue'
import type { Project } from '@/api/types'
import { useSelection } from './useSelection'

const rows = (ids: string) => [...ids].map(id => ({ id }) as Project)

describe('selection', () => {
  it('takes a range from the row before, and takes it back', () => {
    const { selected, toggle } = useSelection(ref(rows('abcdef')))
    toggle('b', false)
    toggle('e', true)
    expect(selected.value.map(p => p.id).join('')).toBe('bcde')
    toggle('d', true)
    expect(selected.value.map(p => p.id).join('')).toBe('bc')
  })
  it('takes one row when the one before is not shown any more', () => {
    const shown = ref(rows('abc'))
    const { selected, toggle } = useSelection(shown)
    toggle('a', false)
    shown.value = rows('bc')
    toggle('c', true)
    expect(selected.value.map(p => p.id).join('')).toBe('c')
  })
  it('takes all that is shown, and nothing more', () => {
    const shown = ref(rows('ab'))
    const { selected, extent, toggleAll } = useSelection(shown)
    toggleAll()
    expect(extent.value).toBe('all')
    shown.value = rows('abc')
    expect(extent.value).toBe('some')
    expect(selected.value).toHaveLength(2)
    toggleAll()
    expect(selected.value).toHaveLength(3)
    toggleAll()
    expect(extent.value).toBe('none')
  })
})
