import type { MessageKey } from '@/i18n'

export const settingsTabs = ['account', 'users', 'keys', 'listener', 'backups', 'appearance', 'shortcuts', 'about'] as const
export type SettingsTab = typeof settingsTabs[number]

interface TabLook { icon: string, label: MessageKey, text: MessageKey, forAdmins?: boolean, isWide?: boolean }

export const tabLooks: Record<SettingsTab, TabLook> = {
  account: { icon: 'i-lucide-circle-user', label: 'settings.account', text: 'settings.accountText' },
  users: { icon: 'i-lucide-users', label: 'settings.users', text: 'settings.usersText', forAdmins: true, isWide: true },
  keys: { icon: 'i-lucide-key-round', label: 'settings.keys', text: 'settings.keysText', forAdmins: true, isWide: true },
  listener: { icon: 'i-lucide-ear', label: 'settings.listener', text: 'settings.listenerText' },
  backups: { icon: 'i-lucide-database-backup', label: 'settings.backups', text: 'settings.backupsText' },
  appearance: { icon: 'i-lucide-palette', label: 'settings.appearance', text: 'settings.appearanceText' },
  shortcuts: { icon: 'i-lucide-keyboard', label: 'settings.shortcuts', text: 'settings.shortcutsText' },
  about: { icon: 'i-lucide-info', label: 'settings.about', text: 'settings.aboutText' },
}
