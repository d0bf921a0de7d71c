import type { MessageKey } from '@/i18n'

export interface NavItem { name: NavName, label: MessageKey, icon: string, keys: [string, string] }
export type NavName = 'overview' | 'projects' | 'runs' | 'timeline' | 'usage' | 'agents' | 'ops' | 'settings' | 'connect'

/** The sidebar's groups, the palette's pages and the keys after `g`. */
export const navGroups: NavItem[][] = [
  [
    { name: 'overview', label: 'nav.overview', icon: 'i-lucide-gauge', keys: ['g', 'o'] },
    { name: 'projects', label: 'nav.projects', icon: 'i-lucide-layout-grid', keys: ['g', 'p'] },
    { name: 'runs', label: 'nav.runs', icon: 'i-lucide-play', keys: ['g', 'r'] },
    { name: 'timeline', label: 'nav.timeline', icon: 'i-lucide-activity', keys: ['g', 't'] },
    { name: 'usage', label: 'nav.usage', icon: 'i-lucide-chart-column-stacked', keys: ['g', 'u'] },
    { name: 'agents', label: 'nav.agents', icon: 'i-lucide-bot', keys: ['g', 'a'] },
  ],
  [
    { name: 'ops', label: 'nav.ops', icon: 'i-lucide-database-backup', keys: ['g', 'd'] },
    { name: 'connect', label: 'nav.connect', icon: 'i-lucide-plug', keys: ['g', 'c'] },
    { name: 'settings', label: 'nav.settings', icon: 'i-lucide-settings', keys: ['g', 's'] },
  ],
]
export const navItems = navGroups.flat()
