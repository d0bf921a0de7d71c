// Settings as people use them: who may sign in, what a viewer gets, keys of agents, and looks that follow the person.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { post, signIn, startBrowser, startServer, violations } from './harness.mjs'

let server, browser, page
const named = name => page.getByTestId(name)
const agentPost = (path, body, key) => fetch(server.base + path, {
  method: 'POST', headers: { 'Content-Type': 'application/json', ...key ? { 'X-PM-Agent-Token': key } : {} }, body: JSON.stringify(body),
})
/** With the cookie of that page. */
const call = (on, method, path, body) => on.evaluate(async ({ method, path, body }) => {
  const answer = await fetch(path, body ? { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) } : { method })
  return { status: answer.status, body: await answer.json() }
}, { method, path, body })

async function enter(on, username, password) {
  await on.goto(`${server.base}/sign-in`)
  await on.getByTestId('sign-in-username').fill(username)
  await on.getByTestId('sign-in-password').fill(password)
  await on.getByTestId('sign-in-submit').click()
}
const row = (username, on = page) => on.locator(`[data-testid=user-row][data-username="${username}"]`)
async function act(username, name) {
  await row(username).getByTestId('user-menu').click()
  await named(`user-${name}`).click()
}
const axe = async on => {
  // Around a toast the library puts stops for the Tab key that axe takes for hidden ones: it is let go first.
  await on.locator('li[data-swipe-direction]').first().waitFor({ state: 'detached' })
  // Entrances take at most 150 ms; contrast is measured after them.
  await on.waitForTimeout(350)
  assert.deepEqual(await violations(on), [])
}

before(async () => {
  server = await startServer()
  browser = await startBrowser(server.base)
  page = await browser.open()
  await signIn(page, server.base)
  for (const id of ['apollo', 'gemini']) assert.equal((await call(page, 'POST', '/api/projects', { id, name: `Project ${id}` })).status, 201)
})
after(async () => {
  await browser?.close()
  await server?.close()
})

test('the account tells who is here, and ends a session elsewhere', async () => {
  const other = await browser.open()
  await signIn(other, server.base)
  await named('nav-settings').click()
  assert.equal(await named('account-name').innerText(), 'admin')
  assert.equal(await named('account-role').innerText(), 'Administrator')
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=session-row]').length === 2)
  assert.equal(await page.locator('[data-testid=session-row][data-current=true]').count(), 1)
  await axe(page)
  await named('end-session').click()
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=session-row]').length === 1)
  assert.equal((await call(other, 'GET', '/api/auth/me')).status, 401)
  await other.getByTestId('nav-runs').click()
  await other.getByTestId('sign-in-form').waitFor()
  await other.context().close()
})

test('theme and language follow the person to another browser', async () => {
  await page.goto(`${server.base}/settings/appearance`)
  await named('theme-choice').getByText('Dark').click()
  await named('language-choice').getByText('简体中文').click()
  await page.waitForFunction(() => document.documentElement.lang === 'zh-CN' && document.documentElement.classList.contains('dark'))
  await axe(page)
  await page.waitForFunction(async () => {
    const { data } = await (await fetch('/api/auth/preferences')).json()
    return data.theme === 'dark' && data.language === 'zh-CN'
  })
  const other = await browser.open()
  await signIn(other, server.base)
  await other.waitForFunction(() => document.documentElement.lang === 'zh-CN' && document.documentElement.classList.contains('dark'))
  await other.context().close()

  await named('language-choice').getByText('English').click()
  await named('theme-choice').getByText('Light').click()
  await page.waitForFunction(async () => {
    const { data } = await (await fetch('/api/auth/preferences')).json()
    return data.theme === 'light' && data.language === 'en'
  })
})

test('a user is made; a name that is taken is refused at its field', async () => {
  await named('settings-tab-users').click()
  await row('admin').waitFor()
  for (const name of ['ADMIN', 'vera']) {
    if (!await named('user-form').count()) await named('new-user').click()
    await named('user-name').fill(name)
    await named('user-password').fill('first password')
    await named('user-save').click()
    if (name === 'ADMIN') await page.getByText('This name is taken').waitFor()
  }
  await row('vera').waitFor()
  assert.equal(await row('vera').getByTestId('user-role-badge').innerText(), 'Viewer')
  await named('user-form').waitFor({ state: 'detached' })
  await axe(page)
})

test('the last administrator stays one, and is told why', async () => {
  await act('admin', 'demote')
  await named('confirm').click()
  assert.match(await named('user-refusal').innerText(), /admin stays administrator/)
  await act('admin', 'disable')
  await named('confirm').click()
  await named('confirm-text').waitFor({ state: 'detached' })
  assert.match(await named('user-refusal').innerText(), /last administrator who can sign in/)
  assert.equal(await row('admin').getByTestId('user-role-badge').innerText(), 'Administrator')
  await axe(page)
})

let viewer
test('a viewer sees no way to write, and the server refuses one', async () => {
  viewer = await browser.open()
  await enter(viewer, 'vera', 'first password')
  await viewer.getByTestId('status-strip').waitFor()
  const screens = [
    ['/projects', 'board-column', ['new-project', 'column-add']],
    ['/projects?view=table', 'project-row', ['new-project', 'batch-bar']],
    ['/projects/apollo', 'project-title', ['project-edit', 'project-menu']],
    ['/projects/apollo/settings', 'project-settings', ['project-settings-delete', 'project-edit']],
    ['/agents', 'nav-agents', ['new-record', 'new-record-empty']],
    ['/connect', 'connect-address', ['setup-make-key']],
    ['/settings', 'account-role', ['settings-tab-users', 'settings-tab-keys']],
  ]
  for (const [path, ready, writes] of screens) {
    await viewer.goto(server.base + path)
    await viewer.getByTestId(ready).first().waitFor()
    await viewer.waitForTimeout(200)
    for (const name of writes) assert.equal(await viewer.getByTestId(name).count(), 0, `${name} on ${path}`)
  }
  for (const tab of ['users', 'keys?new=1']) {
    await viewer.goto(`${server.base}/settings/${tab}`)
    await viewer.getByTestId('admins-only').waitFor()
    assert.equal(await viewer.getByTestId('new-user').count() + await viewer.getByTestId('new-key').count() + await viewer.getByTestId('key-form').count(), 0)
  }
  await axe(viewer)
  const refused = [
    ['POST', '/api/projects', { name: 'x' }], ['PATCH', '/api/projects/apollo', { progress: 1 }], ['DELETE', '/api/projects/apollo'], ['POST', '/api/agent/profiles', { name: 'x' }],
    ['POST', '/api/agent/events', { title: 'x' }], ['GET', '/api/users'], ['GET', '/api/agent-keys'], ['POST', '/api/agent-keys', { agentId: 'x' }],
  ]
  for (const [method, path, body] of refused) assert.equal((await call(viewer, method, path, body)).status, 403, `${method} ${path}`)
  assert.equal((await call(viewer, 'GET', '/api/projects')).status, 200)
})

test('a viewer chooses looks and password alone', async () => {
  await viewer.goto(`${server.base}/settings/appearance`)
  await viewer.getByTestId('theme-choice').getByText('Dark').click()
  await viewer.waitForFunction(async () => (await (await fetch('/api/auth/preferences')).json()).data.theme === 'dark')
  assert.equal((await call(page, 'GET', '/api/auth/preferences')).body.data.theme, 'light')
  await viewer.getByTestId('settings-tab-account').click()
  await viewer.getByTestId('account-change-password').click()
  await viewer.getByTestId('password-current').fill('first password')
  await viewer.getByTestId('password-new').fill('second password')
  await viewer.getByTestId('password-repeat').fill('second password')
  await viewer.getByTestId('password-save').click()
  await viewer.getByTestId('password-form').waitFor({ state: 'detached' })
})

test('another role changes what the screens offer; who is disabled is thrown out', async () => {
  await act('vera', 'promote')
  await page.waitForFunction(() => document.querySelector('[data-username=vera] [data-testid=user-role-badge]')?.textContent === 'Administrator')
  await viewer.reload()
  await viewer.getByTestId('settings-tab-users').waitFor()
  await act('vera', 'demote')
  await page.waitForFunction(() => document.querySelector('[data-username=vera] [data-testid=user-role-badge]')?.textContent === 'Viewer')

  await act('vera', 'disable')
  await page.locator('[data-username=vera][data-disabled=true]').waitFor()
  await viewer.getByTestId('sign-in-form').waitFor({ timeout: 20_000 })
  await enter(viewer, 'vera', 'second password')
  await viewer.getByTestId('sign-in-error').waitFor()
  await act('vera', 'enable')
  await page.locator('[data-username=vera][data-disabled=false]').waitFor()
})

test('a reset password is the only one that signs in', async () => {
  await act('vera', 'reset')
  await named('make-password').click()
  const password = await named('user-password').inputValue()
  assert.match(password, /^(\w{5}-){3}\w{5}$/)
  await axe(page)
  await named('reset-save').click()
  await named('reset-form').waitFor({ state: 'detached' })
  await enter(viewer, 'vera', 'second password')
  await viewer.getByTestId('sign-in-error').waitFor()
  await enter(viewer, 'vera', password)
  await viewer.getByTestId('status-strip').waitFor()
  await viewer.waitForFunction(() => document.documentElement.classList.contains('dark'))
  await viewer.context().close()
})

let key
test('a key is made, told once, and ends open mode', async () => {
  await post(server.base, '/api/agent/events', { agentId: 'claude', title: 'Without a key' })
  await named('settings-tab-keys').click()
  await page.getByText('No keys yet').waitFor()
  await named('new-key').click()
  await named('key-ends-open').waitFor()
  await named('key-save').click()
  await page.getByText('Needed', { exact: true }).waitFor()
  await named('key-agent').fill('claude')
  await named('key-label').fill('Claude on the laptop')
  await named('key-projects').click()
  await page.getByRole('option', { name: 'Project apollo' }).click()
  await page.keyboard.press('Escape')
  await axe(page)
  await named('key-save').click()
  await named('key-made').waitFor()
  key = (await named('key-text').innerText()).trim()
  assert.match(key, /^pdk_[0-9a-f]+_[\w-]{43}$/)
  assert.match(await named('key-made').innerText(), new RegExp(`X-PM-Agent-Token: ${key}`))
  await axe(page)
  await page.keyboard.press('Escape')
  await page.mouse.click(5, 5)
  await named('key-made').waitFor()
  await named('key-saved').click()
  await named('key-made').waitFor({ state: 'detached' })
  assert.equal(await page.evaluate(text => document.documentElement.innerHTML.includes(text), key), false)
  assert.equal((await agentPost('/api/agent/events', { agentId: 'claude', title: 'Still without' })).status, 401)
})

test('the key opens what it was made for, and its use is shown', async () => {
  assert.equal(await named('key-last-used').innerText(), 'Never')
  assert.equal((await agentPost('/api/agent/events', { projectId: 'apollo', title: 'With a key' }, key)).status, 201)
  assert.equal((await agentPost('/api/agent/events', { projectId: 'gemini', title: 'Elsewhere' }, key)).status, 403)
  assert.equal((await agentPost('/api/agent/events', { projectId: 'apollo', agentId: 'somebody', title: 'As another' }, key)).status, 403)
  await page.reload()
  await named('key-last-used').waitFor()
  assert.notEqual(await named('key-last-used').innerText(), 'Never')
  assert.match(await named('key-row').innerText(), /Project apollo/)
  await axe(page)
})

test('a revoked key opens nothing more, and stays listed', async () => {
  await named('revoke-key').click()
  assert.match(await named('confirm-text').innerText(), /last key/)
  await named('confirm').click()
  await page.waitForFunction(() => document.querySelector('[data-testid=key-state]')?.textContent === 'Revoked')
  assert.equal((await agentPost('/api/agent/events', { projectId: 'apollo', title: 'Too late' }, key)).status, 401)
})

test('the other tabs tell what is so', async () => {
  for (const [tab, ready] of [['listener', 'listener-needs'], ['backups', 'open-ops'], ['shortcuts', 'settings'], ['about', 'third-parties']]) {
    await named(`settings-tab-${tab}`).click()
    await page.locator(`[data-testid=settings][data-tab=${tab}]`).getByTestId(ready).or(named(ready)).first().waitFor()
    await axe(page)
  }
  assert.match(await named('about-version').innerText(), /\d+\.\d+\.\d+/)
  await named('settings-tab-backups').click()
  await named('open-ops').click()
  await page.waitForURL(/\/ops/)
})

test('the own password is changed from the account; the other sessions end', async () => {
  await page.goto(`${server.base}/settings`)
  await named('account-change-password').click()
  await named('password-current').fill('admin')
  await named('password-new').fill('orbit and land')
  await named('password-repeat').fill('orbit and land')
  await named('password-save').click()
  await named('password-form').waitFor({ state: 'detached' })
  await named('default-password-banner').waitFor({ state: 'detached' })
  await named('settings-tab-listener').click()
  await page.locator('[data-testid=listener-needs] [data-met=true]').first().waitFor()
})

test('nothing went wrong on the way, and nothing asked another host', () => {
  assert.deepEqual(browser.faults, [])
})
