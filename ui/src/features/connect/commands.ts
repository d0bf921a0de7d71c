export type Shell = 'bash' | 'powershell'

export interface CommandTarget {
  address: string
  /** Agents must send the token: it is named, never shown. */
  needsToken: boolean
  projectId?: string
}

export const TOKEN_VARIABLE = 'PM_AGENT_TOKEN'

export const commandNames = ['startRun', 'postEvent', 'finishRun'] as const
export type ShownCommand = typeof commandNames[number]

const RUN_ID = 'first-run'
const AGENT_ID = 'my-agent'

/** A command a person can paste as it is, for their shell. */
export function commandFor(name: ShownCommand, shell: Shell, target: CommandTarget): string {
  const { method, path, body } = requestOf(name, target)
  const json = JSON.stringify(body)
  return shell === 'bash' ? bash(method, target, path, json) : powershell(method, target, path, json)
}

function requestOf(name: ShownCommand, { projectId }: CommandTarget) {
  const project = projectId ? { projectId } : {}
  switch (name) {
    case 'startRun':
      return { method: 'POST', path: '/api/agent/runs', body: { id: RUN_ID, ...project, agentId: AGENT_ID, title: 'First run' } }
    case 'postEvent':
      return {
        method: 'POST', path: '/api/agent/events',
        body: { runId: RUN_ID, ...project, agentId: AGENT_ID, type: 'note', title: 'Hello', message: 'My first event' },
      }
    case 'finishRun':
      return { method: 'PATCH', path: `/api/agent/runs/${RUN_ID}`, body: { status: 'completed', summary: 'All done' } }
  }
}

function bash(method: string, target: CommandTarget, path: string, json: string): string {
  return [
    `curl -X ${method} ${target.address}${path}`,
    '-H "Content-Type: application/json"',
    ...target.needsToken ? [`-H "X-PM-Agent-Token: $${TOKEN_VARIABLE}"`] : [],
    `-d ${bashQuoted(json)}`,
  ].join(' \\\n  ')
}

function powershell(method: string, target: CommandTarget, path: string, json: string): string {
  return [
    `Invoke-RestMethod -Method ${method} -Uri ${target.address}${path}`,
    '-ContentType "application/json"',
    ...target.needsToken ? [`-Headers @{ "X-PM-Agent-Token" = $env:${TOKEN_VARIABLE} }`] : [],
    `-Body ${powershellQuoted(json)}`,
  ].join(' `\n  ')
}

/** Ids are clients' text: a quote in one must not end the argument. */
function bashQuoted(text: string): string {
  return `'${text.replaceAll('\'', `'\\''`)}'`
}

function powershellQuoted(text: string): string {
  // PowerShell takes typographic quotes for plain ones.
  return `'${text.replace(/['\u2018\u2019\u201A\u201B]/g, quote => quote + quote)}'`
}
