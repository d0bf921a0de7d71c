// From sign-in to a finished task without a pointer; and two windows that edit one project at once.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { post, signIn, startBrowser, startServer } from './harness.mjs'

let server, browser, page
const named = id => page.getByTestId(id)
const field = (id, on = page) => on.locator(`input[data-testid=${id}], [data-testid=${id}] input, textarea[data-testid=${id}], [data-testid=${id}] textarea`)

before(async () => {
  server = await startServer()
  browser = await startBrowser(server.base)
  page = await browser.open()
})
after(async () => {
  await browser?.close()
  await server?.close()
})

/** What has the focus can be seen to have it. */
async function focusIsVisible() {
  return page.evaluate(() => {
    const { activeElement } = document
    if (!activeElement || activeElement === document.body) return false
    const box = activeElement.getBoundingClientRect()
    return box.width > 0 && box.height > 0
  })
}

test('a task is made, worked on and finished by the keyboard alone', async () => {
  await page.goto(`${server.base}/`)
  await named('sign-in-submit').waitFor()
  await page.evaluate(() => document.querySelector('input')?.focus())
  await page.keyboard.type('admin')
  await page.keyboard.press('Tab')
  await page.keyboard.type('admin')
  await page.keyboard.press('Enter')
  await named('status-strip').waitFor()

  await page.keyboard.press('Control+K')
  await named('palette').waitFor()
  await page.keyboard.type('New project')
  await page.keyboard.press('Enter')
  await named('project-form').waitFor()
  await page.keyboard.type('Ship the parser')
  assert.equal(await focusIsVisible(), true)
  await page.keyboard.press('Enter')
  await named('project-title').getByText('Ship the parser').waitFor()

  // An agent works; the reader follows with j and Enter.
  const id = new URL(page.url()).pathname.split('/')[2]
  await post(server.base, '/api/agent/runs', { id: 'run-1', projectId: id, agentId: 'claude', title: 'Parse it' })
  await named('timeline-row').first().waitFor()
  await page.keyboard.press('j')
  assert.equal(await focusIsVisible(), true)
  await page.keyboard.press('Enter')
  await named('inspector').waitFor()
  await page.keyboard.press('Escape')
  await named('inspector').waitFor({ state: 'detached' })

  await page.keyboard.press('e')
  await named('project-form').waitFor()
  await field('project-name').waitFor()
  // From the name to the status, by Tab.
  for (let presses = 0; presses < 12 && await page.evaluate(() => !document.activeElement?.closest('[data-testid=project-status]')); presses += 1) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('option', { name: 'Completed' }).waitFor()
  await page.keyboard.type('Compl')
  await page.keyboard.press('Enter')
  await field('project-name').focus()
  await page.keyboard.press('Enter')
  await named('project-form').waitFor({ state: 'detached' })
  await named('project-head-status').getByText('Completed').waitFor()

  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await page.locator('[data-run-id=run-1]').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await named('run-title').getByText('Parse it').waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
})

test('two windows edit one project at once, and what both did is kept', async () => {
  const other = await browser.open()
  await signIn(other, server.base)
  await page.goto(`${server.base}/projects`)
  const id = await page.evaluate(async () => (await (await fetch('/api/projects')).json()).data[0].id)
  for (const window of [page, other]) {
    await window.goto(`${server.base}/projects/${id}?edit=1`)
    await window.getByTestId('project-form').waitFor()
  }
  await field('project-budget').fill('900')
  await field('project-description').fill('Reads every bank')
  await field('project-description', other).fill('Reads most banks')
  await field('project-category', other).fill('Finance')
  await named('project-save').click()
  await named('project-form').waitFor({ state: 'detached' })

  await other.getByTestId('project-save').click()
  await other.getByTestId('project-conflict').waitFor()
  assert.match(await other.getByTestId('conflict-description').innerText(), /Both changed/)
  await other.getByTestId('conflict-description-theirs').click()
  await other.getByTestId('conflict-save').click()
  await other.getByTestId('project-form').waitFor({ state: 'detached' })
  const stored = await page.evaluate(async path => (await (await fetch(path)).json()).data, `/api/projects/${id}`)
  assert.deepEqual([stored.budget, stored.description, stored.category], [900, 'Reads every bank', 'Finance'])
})

test('a project is settled from its own settings', async () => {
  const id = await page.evaluate(async () => (await (await fetch('/api/projects')).json()).data[0].id)
  await page.goto(`${server.base}/projects/${id}/settings`)
  await page.getByRole('button', { name: 'Take it up again' }).click()
  await named('project-head-status').getByText('In progress').waitFor()
  await named('project-settings-delete').click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.goto(`${server.base}/projects/${id}`)
  await named('project-title').getByText('Ship the parser').waitFor()
})

test('nothing went wrong on the way, and nothing asked another host', () => {
  assert.deepEqual(browser.faults, [])
})
