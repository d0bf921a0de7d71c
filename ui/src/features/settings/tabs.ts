export const settingsTabs = ['account', 'users', 'keys', 'listener', 'backups', 'appearance', 'shortcuts', 'about'] as const
export type SettingsTab = typeof settingsTabs[number]
