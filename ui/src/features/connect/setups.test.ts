import { describe, expect, it } from 'vitest'
import { type SetupName, setupNames, setups } from './setups'

const target = { address: 'http://127.0.0.1:8689', needsToken: true }
const codesOf = (name: SetupName, more = {}) => setups[name].steps({ ...target, agentId: setups[name].agentId, ...more }).map(step => step.code ?? '')

describe('set-ups', () => {
  it.each(['shell', 'claude', 'codex', 'gemini'] as const)('%s sends the token by its variable, and only where one is wanted', name => {
    expect(codesOf(name).join('')).toContain('-H "X-PM-Agent-Token: $PM_AGENT_TOKEN"')
    expect(codesOf(name, { needsToken: false }).join('')).not.toContain('X-PM-Agent-Token')
  })

  it.each(setupNames)('%s never holds the key itself: it belongs in the environment', name => {
    expect(codesOf(name, { key: 'pdk_secret' }).join('')).not.toContain('pdk_secret')
  })

  it.each(['shell', 'claude', 'codex', 'gemini', 'opencode'] as const)('%s leaves no way out of the quotes', name => {
    expect(codesOf(name, { projectId: `x'; rm -rf ~; '` }).join('')).toContain(String.raw`x'\''; rm -rf ~; '\''`)
  })

  it.each(['claude', 'gemini'] as const)('%s settings are JSON', name => {
    expect(Object.keys((JSON.parse(codesOf(name)[1] ?? '') as { hooks: object }).hooks)).toContain('SessionStart')
  })
})
