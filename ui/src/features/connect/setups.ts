import type { MessageKey } from '@/i18n'
import type { CommandTarget } from './commands'
import { TOKEN_VARIABLE } from './commands'
import { bashQuoted } from './quoting'
import { claudeScript, codexScript, geminiScript, wrapperScript } from './scripts'

export const setupNames = ['terminal', 'shell', 'claude', 'codex', 'gemini', 'opencode', 'other'] as const
export type SetupName = typeof setupNames[number]

/** One thing to do: what, and the text to paste. `file` is where it goes. */
export interface SetupStep { text: MessageKey, code?: string, file?: string }

export interface Setup {
  icon: string
  /** A product's own name is the same in every language. */
  label: MessageKey | { name: string }
  /** Whom the set-up reports as; the key must be this agent's. */
  agentId: string
  /** Where this agent looks for the token. */
  variable: string
  intro: MessageKey
  /** What does not work yet, or only so. */
  limits?: MessageKey
  steps: (target: CommandTarget) => SetupStep[]
}

export const setups: Record<SetupName, Setup> = {
  terminal: {
    icon: 'i-lucide-square-terminal', label: 'setup.terminal', agentId: 'my-agent', variable: TOKEN_VARIABLE, intro: 'setup.terminalIntro', steps: () => [],
  },
  shell: {
    icon: 'i-lucide-scroll-text', label: 'setup.shell', agentId: 'my-agent', variable: TOKEN_VARIABLE, intro: 'setup.shellIntro',
    steps: target => [
      { text: 'setup.saveScript', file: '~/.local/bin/pilotdeck-run', code: wrapperScript(target) },
      { text: 'setup.shellUse', code: `chmod +x ~/.local/bin/pilotdeck-run\npilotdeck-run claude -p "Fix the failing test"` },
    ],
  },
  claude: {
    icon: 'i-lucide-asterisk', label: { name: 'Claude Code' }, agentId: 'claude-code', variable: TOKEN_VARIABLE, intro: 'setup.claudeIntro', limits: 'setup.noTokens',
    steps: target => [
      { text: 'setup.saveScript', file: '~/.claude/pilotdeck.sh', code: claudeScript(target) },
      { text: 'setup.mergeHooks', file: '~/.claude/settings.json', code: claudeSettings() },
    ],
  },
  codex: {
    icon: 'i-lucide-braces', label: { name: 'Codex' }, agentId: 'codex', variable: TOKEN_VARIABLE, intro: 'setup.codexIntro', limits: 'setup.noTokens',
    steps: target => [
      { text: 'setup.saveScript', file: '~/.codex/pilotdeck.sh', code: codexScript(target) },
      { text: 'setup.codexNotify', file: '~/.codex/config.toml', code: `notify = ["sh", "-c", 'exec sh ~/.codex/pilotdeck.sh "$1"', "notify"]` },
    ],
  },
  gemini: {
    icon: 'i-lucide-sparkle', label: { name: 'Gemini CLI' }, agentId: 'gemini-cli', variable: TOKEN_VARIABLE, intro: 'setup.geminiIntro', limits: 'setup.noTokens',
    steps: target => [
      { text: 'setup.saveScript', file: '~/.gemini/pilotdeck.sh', code: geminiScript(target) },
      { text: 'setup.mergeHooks', file: '~/.gemini/settings.json', code: geminiSettings() },
    ],
  },
  opencode: {
    icon: 'i-lucide-square-code', label: { name: 'opencode' }, agentId: 'build', variable: 'PILOTDECK_AGENT_TOKEN', intro: 'setup.opencodeIntro', limits: 'setup.opencodeLimits',
    steps: target => [
      { text: 'setup.opencodeBuild', code: OPENCODE_BUILD },
      { text: 'setup.opencodeEnv', file: '~/.profile', code: opencodeEnv(target) },
    ],
  },
  other: {
    icon: 'i-lucide-plug', label: 'setup.other', agentId: 'my-agent', variable: TOKEN_VARIABLE, intro: 'setup.otherIntro', limits: 'setup.notYet', steps: () => [],
  },
}

/** The variable of the token in the shell's profile; the key itself where it is known. */
export function tokenLine(variable: string, key?: string): string {
  return `export ${variable}=${key ?? 'pdk_…'}`
}

/** Shown beside the four calls: everything else stands in the API's own description. */
export const calls: readonly { method: string, path: string, text: MessageKey }[] = [
  { method: 'POST', path: '/api/agent/runs', text: 'setup.callRun' },
  { method: 'PATCH', path: '/api/agent/runs/{id}', text: 'setup.callFinish' },
  { method: 'POST', path: '/api/agent/events', text: 'setup.callEvent' },
  { method: 'POST', path: '/api/agent/usage', text: 'setup.callUsage' },
  { method: 'POST', path: '/api/agent/actions', text: 'setup.callAction' },
]

const CLAUDE_COMMAND = 'sh ~/.claude/pilotdeck.sh'
/** The first and the last are waited for: the run must be there before its events, and end before the program does. */
const CLAUDE_WAITED = ['SessionStart', 'SessionEnd']
const CLAUDE_ASIDE = ['UserPromptSubmit', 'PostToolUse', 'PostToolUseFailure', 'Notification', 'Stop', 'StopFailure']

function claudeSettings(): string {
  const hook = (more: object) => [{ hooks: [{ type: 'command', command: CLAUDE_COMMAND, timeout: 10, ...more }] }]
  return hooksJson({
    ...Object.fromEntries(CLAUDE_WAITED.map(name => [name, hook({})])),
    ...Object.fromEntries(CLAUDE_ASIDE.map(name => [name, hook({ async: true })])),
  })
}

function geminiSettings(): string {
  const names = ['SessionStart', 'BeforeAgent', 'AfterTool', 'AfterAgent', 'Notification', 'SessionEnd']
  return hooksJson(Object.fromEntries(names.map(name => [name, [{ hooks: [{ name: 'pilotdeck', type: 'command', command: 'sh ~/.gemini/pilotdeck.sh', timeout: 10_000 }] }]])))
}

/** One line for each hook: they differ in little. */
function hooksJson(hooks: Record<string, unknown>): string {
  const lines = Object.entries(hooks).map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
  return `{\n  "hooks": {\n${lines.join(',\n')}\n  }\n}`
}

const OPENCODE_BUILD = `git clone https://github.com/PilotDeckAgentLabs/opencode-pilotdeck
cd opencode-pilotdeck && bun install && bun run build
mkdir -p ~/.config/opencode/plugins
ln -s "$PWD/dist/index.js" ~/.config/opencode/plugins/pilotdeck.js`

function opencodeEnv(target: CommandTarget): string {
  return [
    `export PILOTDECK_SERVER_URL=${target.address}`,
    ...target.projectId ? [`export PILOTDECK_INBOX_PROJECT_ID=${bashQuoted(target.projectId)}`] : [],
  ].join('\n')
}
