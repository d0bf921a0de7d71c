export const projectTabs = ['timeline', 'runs', 'notes'] as const
export type ProjectTab = typeof projectTabs[number]
