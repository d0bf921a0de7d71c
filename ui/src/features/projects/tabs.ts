export const projectTabs = ['timeline', 'runs', 'usage', 'finance', 'notes', 'settings'] as const
export type ProjectTab = typeof projectTabs[number]
