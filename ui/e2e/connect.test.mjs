// The set-ups that the Connect page offers, run as they stand there: copied from the page, started by sh, against the real server.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { signIn, startBrowser, startServer, violations } from './harness.mjs'

const has = program => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const hasTools = has('curl') && has('jq')
let server, browser, page, folder
const named = name => page.getByTestId(name)

before(async () => {
  server = await startServer()
  browser = await startBrowser(server.base)
  folder = await mkdtemp(join(tmpdir(), 'pilotdeck-setups-'))
  page = await browser.open()
  await signIn(page, server.base)
  await ask('POST', '/api/projects', { id: `o'hara`, name: `O'Hara "quoted"` })
})
after(async () => {
  await browser?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

const ask = (method, path, body) => page.evaluate(async ({ method, path, body }) => {
  const answer = await fetch(path, body ? { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) } : { method })
  return (await answer.json()).data
}, { method, path, body })

/** The first script of a set-up, saved as the page says. */
async function saved(setup) {
  await page.goto(`${server.base}/connect?setup=${setup}&project=${encodeURIComponent(`o'hara`)}`)
  const script = page.locator(`[data-testid=setup-guide][data-setup=${setup}] [data-testid=setup-code] code`).first()
  await script.waitFor()
  await page.waitForFunction(() => document.querySelector('[data-testid=setup-code] code')?.textContent?.includes('hara'))
  const path = join(folder, `${setup}.sh`)
  await writeFile(path, await script.innerText())
  return path
}
function run(path, { args = [], input = '', env = {} } = {}) {
  return spawnSync('sh', [path, ...args], { input: typeof input === 'string' ? input : JSON.stringify(input), encoding: 'utf8', env: { ...process.env, ...env } })
}

test('the wrapper reports any command as a run, and keeps its exit code', { skip: !has('curl') }, async () => {
  const script = await saved('shell')
  assert.equal(run(script, { args: ['echo', 'a "quoted" \\ word', '中文'] }).stdout, 'a "quoted" \\ word 中文\n')
  assert.equal(run(script, { args: ['sh', '-c', 'exit 3'] }).status, 3)
  const runs = await ask('GET', '/api/agent/runs')
  assert.deepEqual(runs.map(({ title, status, summary, projectId, agentId }) => ({ title, status, summary, projectId, agentId })), [
    { title: 'sh -c exit 3', status: 'failed', summary: 'Exit code 3', projectId: `o'hara`, agentId: 'my-agent' },
    { title: 'echo a "quoted" \\ word 中文', status: 'completed', summary: 'Exit code 0', projectId: `o'hara`, agentId: 'my-agent' },
  ])
})

test('the hooks of Claude Code make a run of a session', { skip: !hasTools }, async () => {
  const script = await saved('claude')
  const common = { session_id: 's 1', cwd: '/home/ada/shop', transcript_path: '/t', permission_mode: 'default' }
  const hooks = [
    { hook_event_name: 'SessionStart', source: 'startup' },
    { hook_event_name: 'UserPromptSubmit', prompt: 'Fix "it"\nplease, $HOME' },
    { hook_event_name: 'PostToolUse', tool_name: 'Bash', tool_input: { command: 'npm test' }, tool_use_id: 't1', tool_response: { stdout: 'x' } },
    { hook_event_name: 'PostToolUseFailure', tool_name: 'Edit', tool_input: { file_path: '/a b' }, error: 'no match' },
    { hook_event_name: 'Notification', message: 'Claude needs your permission', notification_type: 'permission_prompt' },
    { hook_event_name: 'Stop', last_assistant_message: 'All green.\nSee the log.' },
  ]
  for (const hook of hooks) {
    const { status, stdout } = run(script, { input: { ...common, ...hook } })
    assert.deepEqual([status, stdout], [0, ''])
  }
  const [started] = await ask('GET', `/api/agent/runs?agentId=claude-code`)
  assert.deepEqual([started.id, started.title, started.status, started.projectId], ['s 1', 'Claude Code in shop', 'running', `o'hara`])
  const events = await ask('GET', '/api/agent/events?runId=s%201')
  assert.deepEqual(events.map(({ type, level, title }) => `${type} ${level} ${title}`), [
    'prompt info Fix "it"', 'tool info Bash: npm test', 'error error Edit: /a b', 'note warn Claude needs your permission', 'result info All green.',
  ])
  assert.equal(events[0].message, 'Fix "it"\nplease, $HOME')
  run(script, { input: { ...common, hook_event_name: 'SessionEnd', reason: 'exit' } })
  assert.equal((await ask('GET', '/api/agent/runs/s%201')).status, 'completed')

  const settings = JSON.parse(await page.locator('[data-testid=setup-code] code').nth(1).innerText())
  for (const hook of [...hooks, { hook_event_name: 'SessionEnd' }]) assert.match(settings.hooks[hook.hook_event_name][0].hooks[0].command, /pilotdeck\.sh/)
})

test('Codex and Gemini CLI report turns and sessions', { skip: !hasTools }, async () => {
  const codex = await saved('codex')
  const turn = { 'type': 'agent-turn-complete', 'thread-id': 'th-1', 'turn-id': '1', 'cwd': '/x', 'input-messages': ['Do it\nnow'], 'last-assistant-message': 'Did it' }
  assert.equal(run(codex, { args: [JSON.stringify(turn)] }).status, 0)
  const thread = await ask('GET', '/api/agent/runs/th-1')
  assert.deepEqual([thread.title, thread.status, thread.agentId], ['Do it', 'completed', 'codex'])
  assert.equal((await ask('GET', '/api/agent/events?runId=th-1'))[0].message, 'Did it')

  const gemini = await saved('gemini')
  const common = { session_id: 'g-1', cwd: '/home/ada/shop' }
  for (const hook of [
    { hook_event_name: 'SessionStart', source: 'startup' },
    { hook_event_name: 'AfterTool', tool_name: 'run_shell_command', tool_input: { command: 'ls' }, tool_response: { llmContent: 'x' } },
    { hook_event_name: 'AfterTool', tool_name: 'write_file', tool_input: { file_path: '/f' }, tool_response: { error: 'denied' } },
    { hook_event_name: 'AfterAgent', prompt: 'p', prompt_response: 'Done.' },
  ]) assert.equal(run(gemini, { input: { ...common, ...hook } }).stdout, '{}\n')
  const events = await ask('GET', '/api/agent/events?runId=g-1')
  assert.deepEqual(events.map(({ type, title }) => `${type} ${title}`), ['tool run_shell_command: ls', 'error write_file: /f', 'result Done.'])
})

test('a report that cannot be made stops no agent', { skip: !hasTools }, async () => {
  const [shell, claude] = [await saved('shell'), await saved('claude')]
  await server.stop()
  assert.equal(run(shell, { args: ['echo', 'still works'] }).stdout, 'still works\n')
  assert.equal(run(claude, { input: { session_id: 's', hook_event_name: 'Stop' } }).status, 0)
  assert.equal(run(claude, { input: 'no JSON' }).status, 0)
  await server.restart()
  await page.locator('[data-testid=status-strip][data-live=live]').waitFor({ timeout: 20_000 })
})

test('where a key is wanted, it is made for the agent that was chosen, and stands in its set-up', async () => {
  await ask('POST', '/api/agent-keys', { agentId: 'somebody' })
  await page.goto(`${server.base}/connect?setup=claude`)
  await named('setup-make-key').click()
  assert.equal(await named('key-agent').inputValue(), 'claude-code')
  await named('key-save').click()
  await named('key-made').waitFor()
  const key = (await named('key-text').innerText()).trim()
  await named('key-saved').click()
  assert.equal((await named('setup-token').innerText()).trim(), `export PM_AGENT_TOKEN=${key}`)
  await page.waitForTimeout(350)
  assert.deepEqual(await violations(page), [])

  if (hasTools) {
    const script = join(folder, 'keyed.sh')
    await writeFile(script, await page.locator('[data-testid=setup-code] code').first().innerText())
    const hook = { session_id: 'keyed', cwd: '/x', hook_event_name: 'SessionStart' }
    run(script, { input: hook })
    assert.equal(await ask('GET', '/api/agent/runs/keyed'), undefined)
    run(script, { input: hook, env: { PM_AGENT_TOKEN: key } })
    assert.equal((await ask('GET', '/api/agent/runs/keyed')).agentId, 'claude-code')
  }
  // A reload forgets it.
  await page.reload()
  await named('setup-token').waitFor()
  assert.doesNotMatch(await named('setup-token').innerText(), new RegExp(key))
})

test('every set-up is shown with the real address', async () => {
  for (const name of ['terminal', 'shell', 'claude', 'codex', 'gemini', 'opencode', 'other']) {
    await named(`setup-${name}`).click()
    await page.locator(`[data-testid=setup-guide][data-setup=${name}]`).waitFor()
    assert.deepEqual(await violations(page), [], name)
    if (name !== 'other') assert.ok((await named('setup-guide').innerText()).includes(server.base), name)
  }
  assert.deepEqual(browser.faults, [])
})
