import { expect, it } from 'vitest'
import { nextTick, ref, shallowRef } from 'vue'
import { useHeldList } from './useHeldList'

it('holds still while scrolled, counts what waits, and lets go at the top', async () => {
  const entries = shallowRef([{ key: 'a' }])
  const isScrolled = ref(false)
  const { shown, waiting } = useHeldList(entries, isScrolled)
  isScrolled.value = true
  await nextTick()
  entries.value = [{ key: 'c' }, { key: 'b' }, { key: 'a' }]
  expect(waiting.value).toBe(2)
  expect(shown.value.map(entry => entry.key)).toEqual(['a'])
  isScrolled.value = false
  await nextTick()
  expect(shown.value).toHaveLength(3)
})

it('lets go when a filter took its row away', async () => {
  const entries = shallowRef([{ key: 'a' }])
  const isScrolled = ref(true)
  const { shown, waiting } = useHeldList(entries, isScrolled)
  isScrolled.value = false
  await nextTick()
  isScrolled.value = true
  await nextTick()
  entries.value = [{ key: 'x' }]
  expect([waiting.value, shown.value.length]).toEqual([0, 1])
})
