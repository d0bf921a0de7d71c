import type { MessageKey } from '@/i18n'

/** Those that decide who reaches the server; `pilotdeck-server --help` lists all. */
export const listenerVariables: readonly { name: string, text: MessageKey }[] = [
  { name: 'PM_PORT', text: 'listener.port' },
  { name: 'PM_HOST', text: 'listener.host' },
  { name: 'PM_AGENT_TOKEN', text: 'listener.agentToken' },
  { name: 'PM_AGENT_OPEN_PROJECTS', text: 'listener.openProjects' },
  { name: 'PM_ADMIN_TOKEN', text: 'listener.adminToken' },
  { name: 'PM_ALLOWED_HOSTS', text: 'listener.hosts' },
  { name: 'PM_ALLOWED_ORIGINS', text: 'listener.origins' },
  { name: 'PM_TRUSTED_PROXIES', text: 'listener.proxies' },
]

/** Starts the server for the whole network. A secret comes by a file, not by the command line that others can read. */
export function widerCommand(port: number): string {
  return `PM_HOST=0.0.0.0 PM_PORT=${port} \\\n  PM_AGENT_TOKEN_FILE=/etc/pilotdeck/agent-token \\\n  pilotdeck-server`
}
