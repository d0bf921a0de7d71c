import type { MessageKey } from '@/i18n'
import type { ShownCommand } from './commands'

export const commandKeys: Record<ShownCommand, MessageKey> = {
  startRun: 'connect.startRun', postEvent: 'connect.postEvent', recordUsage: 'connect.recordUsage', finishRun: 'connect.finishRun',
  listProjects: 'connect.listProjects', createProfile: 'agents.makeProfile', createCapability: 'agents.makeCapability',
}
