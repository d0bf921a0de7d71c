import type { MessageKey } from '@/i18n'

/** Only what exists: a screen is added here when it can be opened. */
export interface NavItem { name: 'projects' | 'connect', label: MessageKey, icon: string, keys: [string, string] }

export const navItems: NavItem[] = [
  { name: 'projects', label: 'nav.projects', icon: 'i-lucide-layout-grid', keys: ['g', 'p'] },
  { name: 'connect', label: 'nav.connect', icon: 'i-lucide-plug', keys: ['g', 'c'] },
]
