// One path through everything, as a person and an agent walk it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { post, startBrowser, startServer, violations } from './harness.mjs'

let server, browser, page
const named = name => page.getByTestId(name)
const idInUrl = () => decodeURIComponent(/\/projects\/([^/?]+)/.exec(page.url())[1])

before(async () => {
  server = await startServer()
  browser = await startBrowser(server.base)
  page = await browser.open()
})
after(async () => {
  await browser?.close()
  await server?.close()
})

test('a browser must sign in, and comes back to where it wanted to go', async () => {
  await page.goto(`${server.base}/connect`)
  await named('default-password-notice').waitFor()
  await named('sign-in-username').fill('admin')
  await named('sign-in-password').fill('wrong')
  await named('sign-in-submit').click()
  await named('sign-in-error').waitFor()
  await named('sign-in-password').fill('admin')
  await named('sign-in-submit').click()
  await named('connect-waiting').waitFor()
  await named('default-password-banner').waitFor()
})

test('the connect page waits, and turns into the first event as it arrives', async () => {
  const command = await named('connect-curl').nth(1).innerText()
  assert.match(command, new RegExp(`curl -X POST ${server.base}/api/agent/events`))
  await page.locator('[data-testid=status-strip][data-live=live]').waitFor()
  await post(server.base, '/api/agent/events', { agentId: 'outsider', title: 'Hello from outside' })
  await named('connect-arrived').waitFor()
  assert.match(await named('connect-event').first().innerText(), /Hello from outside/)
})

test('a project is made through the form', async () => {
  await page.keyboard.press('n')
  await named('project-name').fill('Apollo')
  await named('project-description').fill('Land on the moon')
  await named('project-category').fill('Space')
  await named('project-tags').fill('moon')
  await named('project-tags').press('Enter')
  await named('project-budget').fill('1000')
  await named('project-actual-cost').fill('250')
  await named('project-github').fill('https://github.com/example/apollo')
  await named('project-notes').fill('# Plan\n\n[site](https://example.com) ![x](https://example.com/x.png) <script>window.pwned = 1</script>')
  await named('project-save').click()
  await page.waitForURL(/\/projects\/proj-/)
  assert.equal(await named('project-title').innerText(), 'Apollo')
})

test('an event from outside appears without a reload', async () => {
  const projectId = idInUrl()
  await page.evaluate(() => { window.notReloaded = true })
  await named('project-title').waitFor()
  await post(server.base, '/api/agent/runs', { id: 'run-e2e', projectId, agentId: 'claude', title: 'Launch' })
  const { id } = await post(server.base, '/api/agent/events', { projectId, runId: 'run-e2e', agentId: 'claude', type: 'result', title: 'Ignition', data: { thrust: 42 } })
  await page.locator(`[data-testid=timeline-row][data-event-id="${id}"]`).waitFor()
  assert.equal(await page.evaluate(() => window.notReloaded), true)

  await page.locator(`[data-event-id="${id}"]`).click()
  // The viewer of JSON is loaded when it is first needed.
  await named('event-details').locator('.vjs-tree').first().waitFor()
  assert.match(await named('inspector').innerText(), /thrust/)
  await page.keyboard.press('Escape')
  await named('inspector').waitFor({ state: 'detached' })
})

test('a list that was scrolled holds still and counts what is new', async () => {
  const projectId = idInUrl()
  const events = Array.from({ length: 300 }, (_, index) => ({ projectId, title: `Step ${index}` }))
  await post(server.base, '/api/agent/events', { events })
  await page.getByText('Step 299', { exact: true }).waitFor()
  await named('timeline').evaluate(list => list.scrollTo(0, 2000))
  // Until they are drawn for the new place, the rows are still those of the top.
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=timeline-row]')[20]?.getBoundingClientRect().top > 0)
  const seen = await named('timeline-row').nth(20).getAttribute('data-event-id')
  const place = () => page.locator(`[data-event-id="${seen}"]`).evaluate(row => row.getBoundingClientRect().top)
  const before = await place()
  for (let index = 0; index < 3; index += 1) await post(server.base, '/api/agent/events', { projectId, title: `Late ${index}` })
  await page.getByText('3 new').waitFor()
  assert.equal(await place(), before)
  await named('timeline-new').click()
  await page.getByText('Late 2').waitFor()
})

test('rows are walked and opened by keyboard', async () => {
  // Walking starts where the reader was: afresh, at the top.
  await page.reload()
  await named('timeline-row').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'timeline-row')
  await page.keyboard.press('Enter')
  await named('event-details').waitFor()
  assert.match(page.url(), /open=event/)
  await page.keyboard.press('Escape')
  await named('inspector').waitFor({ state: 'detached' })
})

test('an action shows what it changed, and the head follows', async () => {
  const projectId = idInUrl()
  const action = { id: 'act-e2e', projectId, agentId: 'claude', action: 'bump_progress', params: { delta: 40 } }
  await post(server.base, '/api/agent/actions', action).catch(async () => {
    // The agent door may need more than open mode for actions on projects; the screen's own session does.
    await page.evaluate(body => fetch('/api/agent/actions', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }), action)
  })
  await page.locator('[data-event-id="act-e2e"]').click()
  assert.match(await named('action-diff').innerText(), /progress\s+0\s+40/)
  await page.waitForFunction(() => document.querySelector('[data-testid=project-head-progress]')?.textContent === '40%')
  await page.keyboard.press('Escape')
})

test('editing sends only what changed; a conflict says so and can be settled', async () => {
  await page.keyboard.press('e')
  await named('project-name').fill('Apollo 11')
  // Somebody else saves meanwhile.
  const id = idInUrl()
  await page.evaluate(path => fetch(path, { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ category: 'Moon' }) }), `/api/projects/${id}`)
  await named('project-save').click()
  await named('project-conflict').waitFor()
  assert.match(await named('project-conflict').innerText(), /Moon/)
  await named('conflict-save').click()
  await named('project-form').waitFor({ state: 'detached' })
  assert.equal(await named('project-title').innerText(), 'Apollo 11')
})

test('notes are clean Markdown, and links ask first', async () => {
  await named('tab-notes').click()
  const notes = named('project-notes-view')
  await notes.waitFor()
  assert.equal(await notes.locator('img, script').count(), 0)
  assert.equal(await page.evaluate(() => window.pwned), undefined)
  await notes.getByRole('link', { name: 'site' }).click()
  assert.equal(await named('link-host').innerText(), 'example.com')
  await page.keyboard.press('Escape')
})

test('filters live in the address', async () => {
  await named('nav-projects').click()
  await named('project-card').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('nothing like it')
  await page.waitForURL(/q=nothing/)
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=project-card]').length === 0)
  await page.goto(`${server.base}/projects?q=apollo&view=table`)
  await named('project-row').waitFor()
})

test('a deleted project can be taken back, and is gone when it is not', async () => {
  await named('project-row').locator('a').click()
  await named('project-menu').click()
  await named('project-delete').click()
  await page.waitForURL(/\/projects$/)
  await page.getByRole('button', { name: 'Undo' }).click()
  await named('project-card').waitFor()

  await named('project-card').locator('a').click()
  await named('project-menu').click()
  await named('project-delete').click()
  await named('new-project-empty').waitFor()
  await page.reload()
  await named('new-project-empty').waitFor()
})

test('the palette goes to places by keyboard alone', async () => {
  await page.keyboard.press('Control+k')
  await named('palette').waitFor()
  assert.deepEqual(await violations(page), [])
  await page.keyboard.type('Connect')
  await page.keyboard.press('Enter')
  await named('connect-address').waitFor()
})

test('a server that goes away is noticed, and the page catches up when it is back', async () => {
  await server.stop()
  await named('server-gone').waitFor()
  await server.restart()
  await post(server.base, '/api/agent/events', { title: 'While you were away' })
  await named('server-gone').waitFor({ state: 'detached', timeout: 20_000 })
  await page.getByText('While you were away').first().waitFor()
})

test('signing out ends it', async () => {
  await named('account-menu').click()
  await named('sign-out').click()
  await named('sign-in-form').waitFor()
})

// Last: the steps above sign in with the password that everybody knows.
test('the default password is changed, and the notice goes without a reload', async () => {
  await named('sign-in-username').fill('admin')
  await named('sign-in-password').fill('admin')
  await named('sign-in-submit').click()
  await page.locator('[data-testid=status-strip][data-live=live]').waitFor()
  await page.evaluate(() => { window.notReloaded = true })
  await named('default-password-banner').getByTestId('change-password').click()

  await named('password-current').fill('not it')
  await named('password-new').fill('orbit and land')
  await named('password-repeat').fill('orbit and lamd')
  await named('password-save').click()
  assert.equal(await named('password-error').innerText(), 'The two are not the same')
  await named('password-repeat').fill('orbit and land')
  await named('password-error').waitFor({ state: 'detached' })
  await named('password-save').click()
  assert.equal(await named('password-error').innerText(), 'This is not your current password')
  await named('password-current').fill('admin')
  await named('password-save').click()

  await page.getByText('Password changed', { exact: true }).waitFor()
  await named('password-form').waitFor({ state: 'detached' })
  await named('default-password-banner').waitFor({ state: 'detached' })
  assert.equal(await page.evaluate(() => window.notReloaded), true)
})

test('only the new password signs in, and its notice stays away', async () => {
  await named('account-menu').click()
  await named('change-password').click()
  await named('password-form').waitFor()
  // Entrances take at most 150 ms; contrast is measured after them.
  await page.waitForTimeout(350)
  assert.deepEqual(await violations(page), [])
  await page.keyboard.press('Escape')
  await named('password-form').waitFor({ state: 'detached' })

  await named('account-menu').click()
  await named('sign-out').click()
  await named('sign-in-username').fill('admin')
  await named('sign-in-password').fill('admin')
  await named('sign-in-submit').click()
  await named('sign-in-error').waitFor()
  await named('sign-in-password').fill('orbit and land')
  await named('sign-in-submit').click()
  await named('status-strip').waitFor()
  assert.equal(await named('default-password-banner').count(), 0)
  assert.equal(await named('default-password-notice').count(), 0)
})

test('nothing went wrong on the way, and nothing asked another host', () => {
  assert.deepEqual(browser.faults, [])
})
