export const agentTabs = ['profiles', 'capabilities', 'activity'] as const
export type AgentTab = typeof agentTabs[number]
