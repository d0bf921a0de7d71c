import type { MessageKey } from '@/i18n'
import { navItems } from './nav'

export interface ShortcutGroup { title: MessageKey, items: { keys: string[], label: MessageKey }[] }

/** What `?` lists. Keys as Nuxt UI's Kbd names them. */
export const shortcutGroups: ShortcutGroup[] = [
  {
    title: 'keys.general',
    items: [
      { keys: ['meta', 'k'], label: 'keys.palette' },
      { keys: ['/'], label: 'keys.search' },
      { keys: ['n'], label: 'keys.new' },
      { keys: ['?'], label: 'keys.help' },
      { keys: ['escape'], label: 'keys.close' },
    ],
  },
  {
    title: 'keys.goTo',
    items: navItems.map(({ keys, label }) => ({ keys, label })),
  },
  {
    title: 'keys.lists',
    items: [
      { keys: ['j'], label: 'keys.next' },
      { keys: ['k'], label: 'keys.previous' },
      { keys: ['enter'], label: 'keys.open' },
      { keys: ['e'], label: 'keys.edit' },
    ],
  },
]
