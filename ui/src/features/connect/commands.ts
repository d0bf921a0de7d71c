import { bashQuoted, powershellQuoted } from './quoting'

export type Shell = 'bash' | 'powershell'

export interface CommandTarget {
  address: string
  /** Agents must send a token or key. */
  needsToken: boolean
  projectId?: string
  /** Whose work it is: a key speaks for one agent alone. */
  agentId?: string
  /** A key that was made a moment ago. Otherwise the variable is named: no other secret is known here. */
  key?: string
}

export const TOKEN_VARIABLE = 'PM_AGENT_TOKEN'
export const TOKEN_HEADER = 'X-PM-Agent-Token'

export const commandNames = ['startRun', 'postEvent', 'finishRun'] as const
export type ShownCommand = typeof commandNames[number] | 'recordUsage' | 'listProjects' | 'createProfile' | 'createCapability'

const RUN_ID = 'first-run'

/** A command a person can paste as it is, for their shell. */
export function commandFor(name: ShownCommand, shell: Shell, target: CommandTarget): string {
  const { method, path, body } = requestOf(name, target)
  const json = body && JSON.stringify(body)
  return shell === 'bash' ? bash(method, target, path, json) : powershell(method, target, path, json)
}

function requestOf(name: ShownCommand, { projectId, agentId = 'my-agent' }: CommandTarget): { method: string, path: string, body?: object } {
  const project = projectId ? { projectId } : {}
  switch (name) {
    case 'startRun':
      return { method: 'POST', path: '/api/agent/runs', body: { id: RUN_ID, ...project, agentId, title: 'First run' } }
    case 'postEvent':
      return {
        method: 'POST', path: '/api/agent/events',
        body: { runId: RUN_ID, ...project, agentId, type: 'note', title: 'Hello', message: 'My first event' },
      }
    case 'recordUsage':
      return {
        method: 'POST', path: '/api/agent/usage',
        body: { runId: RUN_ID, ...project, agentId, model: 'my-model', promptTokens: 1200, completionTokens: 340, cost: 0.02 },
      }
    case 'finishRun':
      return { method: 'PATCH', path: `/api/agent/runs/${RUN_ID}`, body: { status: 'completed', summary: 'All done' } }
    case 'createProfile':
      return { method: 'POST', path: '/api/agent/profiles', body: { id: agentId, name: 'My agent', role: 'engineer', skills: ['tests'], permissions: { shell: true } } }
    case 'createCapability':
      return {
        method: 'POST', path: '/api/agent/capabilities',
        body: { name: 'Small steps', promptPack: 'Work in steps that can be reviewed in five minutes.', constraints: ['no force push'] },
      }
    case 'listProjects':
      return { method: 'GET', path: '/api/projects' }
  }
}

function bash(method: string, target: CommandTarget, path: string, json?: string): string {
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${target.address}${path}`,
    ...json ? ['-H "Content-Type: application/json"'] : [],
    ...target.needsToken ? [`-H "${TOKEN_HEADER}: ${target.key ?? `$${TOKEN_VARIABLE}`}"`] : [],
    ...json ? [`-d ${bashQuoted(json)}`] : [],
  ].join(' \\\n  ')
}

function powershell(method: string, target: CommandTarget, path: string, json?: string): string {
  const token = target.key ? `"${target.key}"` : `$env:${TOKEN_VARIABLE}`
  return [
    `Invoke-RestMethod -Method ${method} -Uri ${target.address}${path}`,
    ...json ? ['-ContentType "application/json"'] : [],
    ...target.needsToken ? [`-Headers @{ "${TOKEN_HEADER}" = ${token} }`] : [],
    ...json ? [`-Body ${powershellQuoted(json)}`] : [],
  ].join(' `\n  ')
}
