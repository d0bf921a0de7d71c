// Profiles, capabilities and what agents did, as a person and other sessions walk them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { post, signIn, startBrowser, startServer, violations } from './harness.mjs'

let server, browser, page, other
const named = name => page.getByTestId(name)
const card = id => page.locator(`[data-testid=profile-card][data-record-id="${id}"]`)
const row = id => page.locator(`[data-testid=capability-row][data-record-id="${id}"]`)
const closed = () => named('record-form').waitFor({ state: 'detached' })

/** From another session of the same person: these calls need one. */
function elsewhere(method, path, body) {
  return other.evaluate(async ([verb, address, sent]) => {
    const init = { method: verb, headers: { 'Content-Type': 'application/json' } }
    if (sent) init.body = JSON.stringify(sent)
    const answer = await fetch(address, init)
    return { status: answer.status, ...await answer.json() }
  }, [method, path, body])
}
const stored = async (kind, id) => (await elsewhere('GET', `/api/agent/${kind}/${id}`)).data
async function settled(check) {
  for (let tries = 0; tries < 50; tries += 1) {
    if (await check()) return
    await page.waitForTimeout(100)
  }
  assert.fail(`never came true: ${check}`)
}

before(async () => {
  server = await startServer()
  browser = await startBrowser(server.base)
  page = await browser.open()
  other = await browser.open()
  await signIn(page, server.base)
  await signIn(other, server.base)
})
after(async () => {
  await browser?.close()
  await server?.close()
})

test('where there are no profiles, the screen says what one is and how to make it', async () => {
  await page.keyboard.press('g')
  await page.keyboard.press('a')
  await named('new-record-empty').waitFor()
  assert.match(await named('connect-curl').innerText(), new RegExp(`curl -X POST ${server.base}/api/agent/profiles[\\s\\S]*X-PM-Agent-Token`))
  assert.deepEqual(await violations(page), [])
})

test('a profile is made with every field', async () => {
  await named('new-record').click()
  await named('record-save').click()
  await page.getByText('A name is needed').waitFor()
  await named('record-name').fill('Ada')
  await named('record-id').fill('ada')
  await named('profile-role').fill('mathematician')
  await named('record-description').fill('Thinks first')
  for (const [list, items] of [['styleTags', ['calm', 'exact']], ['skills', ['sql']]]) {
    for (const item of items) {
      await named(`profile-${list}`).fill(item)
      await named(`profile-${list}`).press('Enter')
    }
  }
  await named('profile-outputMode').fill('detailed')
  await page.keyboard.press('Escape')
  await named('json-add-permissions').click()
  await named('json-permissions').getByTestId('json-name').fill('shell')
  await named('json-add-permissions').click()
  await named('json-permissions').getByTestId('json-name').nth(1).fill('network')
  await named('json-permissions').getByTestId('json-flag').nth(1).click()
  await named('more-fields').click()
  await named('json-add-meta').click()
  await named('json-meta').getByTestId('json-name').fill('team')
  await named('json-meta').getByTestId('json-value').fill('core')
  await named('record-save').click()
  await named('json-error').waitFor()
  await named('json-meta').getByTestId('json-value').fill('"core"')
  await named('record-save').click()
  await closed()
  await card('ada').waitFor()
  const { name, role, description, styleTags, skills, outputMode, writebackPolicy, permissions, meta, enabled } = await stored('profiles', 'ada')
  assert.deepEqual({ name, role, description, styleTags, skills, outputMode, writebackPolicy, permissions, meta, enabled }, {
    name: 'Ada', role: 'mathematician', description: 'Thinks first', styleTags: ['calm', 'exact'], skills: ['sql'], outputMode: 'detailed',
    writebackPolicy: 'minimal', permissions: { shell: true, network: false }, meta: { team: 'core' }, enabled: true,
  })
})

test('an id that is taken is refused at its field', async () => {
  await named('new-record').click()
  await named('record-name').fill('Another')
  await named('record-id').fill('ada')
  await named('record-save').click()
  await page.getByText('This ID is taken already').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await closed()
  assert.equal((await stored('profiles', 'ada')).name, 'Ada')
})

test('a profile made elsewhere appears, and a switch thrown elsewhere moves, without a reload', async () => {
  await page.evaluate(() => { window.notReloaded = true })
  await elsewhere('POST', '/api/agent/profiles', { id: 'bob', name: 'Bob', skills: ['go', { level: 3 }] })
  await card('bob').getByRole('switch', { checked: true }).waitFor()
  await elsewhere('PATCH', '/api/agent/profiles/bob', { enabled: false })
  await card('bob').getByRole('switch', { checked: false }).waitFor()
  await card('bob').getByTestId('enabled-switch').click()
  await settled(async () => (await stored('profiles', 'bob')).enabled)
  assert.equal(await page.evaluate(() => window.notReloaded), true)
})

test('editing sends only what changed, and a conflict is settled field by field', async () => {
  await card('bob').getByRole('button', { name: 'Bob', exact: true }).focus()
  await page.keyboard.press('e')
  await named('record-name').fill('Bob the builder')
  await named('record-description').fill('mine')
  await elsewhere('PATCH', '/api/agent/profiles/bob', { description: 'theirs', role: 'planner' })
  await named('record-save').click()
  await named('record-conflict').waitFor()
  await page.waitForTimeout(350)
  assert.deepEqual(await violations(page), [])
  await page.locator('[data-field=description]').getByRole('button', { name: 'Theirs' }).click()
  await named('conflict-save').click()
  await closed()
  const { name, description, role, skills } = await stored('profiles', 'bob')
  assert.deepEqual({ name, description, role, skills }, { name: 'Bob the builder', description: 'theirs', role: 'planner', skills: ['go', { level: 3 }] })
})

test('what was typed is not lost by a slip', async () => {
  await card('bob').getByRole('button', { name: 'Bob the builder', exact: true }).click()
  await named('record-name').fill('Typed')
  await page.keyboard.press('Escape')
  await page.waitForTimeout(300)
  assert.equal(await named('record-name').inputValue(), 'Typed')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await closed()
})

test('a profile is duplicated', async () => {
  await card('bob').hover()
  await card('bob').getByTestId('record-menu').click()
  await named('menu-copy').click()
  assert.equal(await named('record-name').inputValue(), 'Bob the builder (copy)')
  await named('record-id').fill('bob-2')
  await named('record-save').click()
  await closed()
  const { description, skills } = await stored('profiles', 'bob-2')
  assert.deepEqual({ description, skills }, { description: 'theirs', skills: ['go', { level: 3 }] })
})

test('a deleted profile can be taken back, and is gone when it is not', async () => {
  async function remove() {
    await card('bob-2').hover()
    await card('bob-2').getByTestId('record-menu').click()
    await named('menu-delete').click()
    await card('bob-2').waitFor({ state: 'detached' })
  }
  await remove()
  await page.getByRole('button', { name: 'Undo' }).click()
  await card('bob-2').waitFor()
  assert.equal((await stored('profiles', 'bob-2')).id, 'bob-2')
  await remove()
  // Leaving the page ends the time to undo.
  await page.reload()
  await card('bob').waitFor()
  await settled(async () => (await elsewhere('GET', '/api/agent/profiles/bob-2')).status === 404)
  assert.equal(await card('bob-2').count(), 0)
})

test('search and filter survive a reload', async () => {
  await elsewhere('PATCH', '/api/agent/profiles/bob', { enabled: false })
  await card('bob').getByRole('switch', { checked: false }).waitFor()
  await named('enabled-filter').getByRole('button', { name: 'Disabled' }).click()
  await card('ada').waitFor({ state: 'detached' })
  await page.keyboard.press('/')
  await page.keyboard.type('builder')
  await page.waitForURL(/q=builder/)
  await page.reload()
  await card('bob').waitFor()
  assert.equal(await card('ada').count(), 0)
  assert.match(page.url(), /enabled=off/)
  await page.getByRole('searchbox').fill('nobody at all')
  await page.getByText('No profile matches').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await card('ada').waitFor()
})

test('a capability is written by keyboard alone, its prompt in the editor', async () => {
  await named('tab-capabilities').click()
  await named('new-record-empty').focus()
  await page.keyboard.press('Enter')
  await named('record-form').waitFor()
  await named('code-editor').locator('.cm-content').waitFor()
  await named('record-name').focus()
  await page.keyboard.type('Small steps')
  const inEditor = () => page.evaluate(() => document.activeElement.classList.contains('cm-content'))
  for (let tabs = 0; tabs < 20 && !await inEditor(); tabs += 1) await page.keyboard.press('Tab')
  await page.keyboard.type('# Steps')
  await page.keyboard.press('Enter')
  await page.keyboard.type('One change **per** commit. ')
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+y')
  assert.ok(await named('code-editor').locator('.cm-line span[class]').count() > 0, 'Markdown is coloured')
  await page.waitForTimeout(350)
  assert.deepEqual(await violations(page), [])
  await page.keyboard.press('Tab')
  assert.equal(await inEditor(), false, 'Tab leaves the editor')
  await page.keyboard.press('Shift+Tab')
  assert.equal(await inEditor(), true)
  await named('capability-constraints').fill('no force push\nno schema change')
  await named('capability-skillPack').fill('git')
  await named('record-save').focus()
  await page.keyboard.press('Enter')
  await closed()
  const { data: [made] } = await elsewhere('GET', '/api/agent/capabilities')
  assert.deepEqual([made.name, made.promptPack, made.constraints, made.skillPack], ['Small steps', '# Steps\nOne change **per** commit. ', ['no force push', 'no schema change'], ['git']])
})

test('a prompt changed elsewhere is merged, and the editor shows what was taken', async () => {
  const { data: [{ id }] } = await elsewhere('GET', '/api/agent/capabilities')
  await row(id).getByRole('button', { name: 'Small steps', exact: true }).click()
  await named('record-name').fill('Smaller steps')
  await elsewhere('PATCH', `/api/agent/capabilities/${id}`, { promptPack: '# Theirs' })
  await named('record-save').click()
  await named('conflict-reload').click()
  await named('record-conflict').waitFor({ state: 'detached' })
  assert.equal(await named('code-editor').locator('.cm-content').innerText(), '# Theirs')
  assert.equal(await named('record-name').inputValue(), 'Small steps')
  await named('code-editor').locator('.cm-content').click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(' and mine')
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.getByRole('heading', { name: 'Theirs and mine' }).waitFor()
  await named('record-save').click()
  await closed()
  assert.equal((await stored('capabilities', id)).promptPack, '# Theirs and mine')
  await row(id).getByTestId('enabled-switch').click()
  await settled(async () => !(await stored('capabilities', id)).enabled)
  await row(id).hover()
  await row(id).getByTestId('record-menu').click()
  await named('menu-delete').click()
  await row(id).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await row(id).waitFor()
})

test('activity knows everybody who has a profile or was seen, and follows live', async () => {
  await post(server.base, '/api/agent/runs', { id: 'run-1', agentId: 'stranger', title: 'First' })
  await post(server.base, '/api/agent/usage', { agentId: 'stranger', model: 'm', promptTokens: 1000, completionTokens: 500, cost: 1.25 })
  await named('tab-activity').click()
  const agent = id => page.locator(`[data-testid=activity-row][data-agent-id="${id}"]`)
  await agent('ada').waitFor()
  await settled(async () => /No profile[\s\S]*1[\s\S]*1,500[\s\S]*\$1\.25/.test(await agent('stranger').innerText()))
  await agent('stranger').getByTestId('activity-spark').waitFor()
  await agent('bob').getByText('Never').waitFor()
  await post(server.base, '/api/agent/events', { agentId: 'bob', title: 'Hello' })
  await agent('bob').getByText('now', { exact: true }).waitFor()
  assert.deepEqual(await violations(page), [])

  await named('sort-name').click()
  await page.waitForURL(/sort=name/)
  assert.deepEqual(await named('activity-row').evaluateAll(rows => rows.map(one => one.dataset.agentId)), ['ada', 'bob', 'stranger'])
  await agent('stranger').getByTestId('agent-runs').click()
  await page.waitForURL(/\/runs\?agent=stranger/)
  await page.goBack()
  await agent('stranger').getByRole('link', { name: 'stranger', exact: true }).click()
  await page.waitForURL(/\/timeline\?agent=stranger/)
  await page.goBack()
  await agent('stranger').getByTestId('agent-make').click()
  await named('record-form').waitFor()
  assert.equal(await named('record-id').inputValue(), 'stranger')
  await named('record-save').click()
  await closed()
  await card('stranger').waitFor()
})

test('a viewer reads everything and changes nothing', async () => {
  const made = await elsewhere('POST', '/api/users', { username: 'vera', password: 'orbit and land', role: 'viewer' })
  assert.equal(made.status, 201)
  page = await browser.open()
  await page.goto(`${server.base}/agents`)
  await named('sign-in-username').fill('vera')
  await named('sign-in-password').fill('orbit and land')
  await named('sign-in-submit').click()
  await card('ada').waitFor()
  assert.equal(await named('new-record').count() + await named('record-menu').count() + await named('enabled-switch').count(), 0)
  await card('ada').getByRole('button', { name: 'Ada', exact: true }).click()
  await named('record-form').waitFor()
  assert.equal(await named('record-name').isDisabled(), true)
  assert.equal(await named('record-save').count(), 0)
  await page.keyboard.press('Escape')
  await closed()
  await named('tab-capabilities').click()
  await page.getByRole('button', { name: 'Small steps', exact: true }).click()
  const content = named('code-editor').locator('.cm-content')
  await content.click()
  await page.keyboard.type('x')
  assert.equal(await content.innerText(), '# Theirs and mine')
  await page.waitForTimeout(350)
  assert.deepEqual(await violations(page), [])
})

test('nothing went wrong on the way, and nothing asked another host', () => {
  assert.deepEqual(browser.faults, [])
})
