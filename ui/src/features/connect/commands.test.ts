import { describe, expect, it } from 'vitest'
import { commandFor } from './commands'

const open = { address: 'http://127.0.0.1:8689', needsToken: false }

describe('commandFor', () => {
  it('posts an event with curl', () => {
    expect(commandFor('postEvent', 'bash', { ...open, projectId: 'p1' })).toMatchInlineSnapshot(`
      "curl -X POST http://127.0.0.1:8689/api/agent/events \\
        -H "Content-Type: application/json" \\
        -d '{"runId":"first-run","projectId":"p1","agentId":"my-agent","type":"note","title":"Hello","message":"My first event"}'"
    `)
  })
  it('starts a run with PowerShell and the token from the environment', () => {
    expect(commandFor('startRun', 'powershell', { ...open, needsToken: true })).toMatchInlineSnapshot(`
      "Invoke-RestMethod -Method POST -Uri http://127.0.0.1:8689/api/agent/runs \`
        -ContentType "application/json" \`
        -Headers @{ "X-PM-Agent-Token" = $env:PM_AGENT_TOKEN } \`
        -Body '{"id":"first-run","agentId":"my-agent","title":"First run"}'"
    `)
  })
  it('leaves no way out of the quotes', () => {
    const projectId = `x'; rm -rf ~; '`
    expect(commandFor('startRun', 'bash', { ...open, projectId })).toContain(String.raw`"x'\''; rm -rf ~; '\''"`)
    expect(commandFor('startRun', 'powershell', { ...open, projectId })).toContain(`"x''; rm -rf ~; ''"`)
  })
})
