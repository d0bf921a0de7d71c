import { expect, it } from 'vitest'
import type { AgentEvent } from '../types'
import { searchTest } from './search'

const event = {
  type: 'note', title: 'Cart index added', message: '修复了登录页面的超时问题', agentId: 'claude-code', data: { file: 'src/cart_items.sql', lines: [7, { why: 'slow scan' }] },
} as unknown as AgentEvent

it.each([
  ['cart', true], ['ind car', true], ['ART', false], ['登录', true], ['登 录页面', true], ['退出', false], ['claude', true], ['slow', true],
  ['items', true], ['cart gone', false], ['  ', true], ['src/cart', true],
])('%s: %s', (q, found) => { expect(searchTest(q)(event)).toBe(found) })
