// The projects screen: board, table, batch, filters, form.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { signIn, startBrowser, startServer, violations } from './harness.mjs'

let server, browser, page
const named = name => page.getByTestId(name)
const column = status => page.locator(`[data-testid=board-column][data-status="${status}"]`)
const card = name => page.locator('[data-testid=project-card]', { hasText: name })
const row = name => page.locator('[data-testid=project-row]', { hasText: name })
const namesIn = status => column(status).locator('h3').allInnerTexts()
const showsIn = (status, names) => page.waitForFunction(([wanted, list]) =>
  [...document.querySelectorAll(`[data-testid=board-column][data-status="${wanted}"] h3`)].map(h => h.innerText).join() === list, [status, names.join()])
const toast = text => page.getByRole('listitem').filter({ hasText: text }).first()

before(async () => {
  server = await startServer()
  browser = await startBrowser(server.base)
  page = await browser.open()
  await signIn(page, server.base)
})
after(async () => {
  await browser?.close()
  await server?.close()
})

/** As another window of the same person would. */
async function call(method, path, body) {
  const answer = await page.request.fetch(server.base + path, { method, data: body, headers: { Origin: server.base } })
  const json = await answer.json()
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${JSON.stringify(json)}`)
  return json.data
}
const create = project => call('POST', '/api/projects', project)
const stored = async name => (await call('GET', '/api/projects')).find(project => project.name === name)
const order = async () => (await call('GET', '/api/projects')).map(project => project.name)

/** Somebody else is faster: their change is written just before the next request of this page arrives. */
async function beforeNext(method, path, act) {
  let isDue = true
  await page.route(`**${path}`, async route => {
    if (!isDue || route.request().method() !== method) return route.fallback()
    isDue = false
    await act()
    await route.fallback()
  })
}

async function drag(from, to, place = 'middle') {
  const start = await from.boundingBox()
  const end = await to.boundingBox()
  const y = { middle: end.y + end.height / 2, above: end.y + 6, below: end.y + end.height - 6 }[place]
  await page.mouse.move(start.x + 40, start.y + 30)
  await page.mouse.down()
  await page.mouse.move(start.x + 60, start.y + 45, { steps: 3 })
  await page.mouse.move(end.x + end.width / 2, y, { steps: 8 })
  await page.mouse.move(end.x + end.width / 2 + 2, y, { steps: 2 })
}
const drop = () => page.mouse.up()

test('a project is made in a column, with fields of its own', async () => {
  await page.goto(`${server.base}/projects`)
  await named('new-project-empty').click()
  await named('project-name').fill('Apollo')
  await named('project-revenue').fill('30000')
  await named('money-details').click()
  await named('json-add-revenue').click()
  await named('json-revenue').getByTestId('json-name').fill('currency')
  await named('json-revenue').getByTestId('json-value').fill('"EUR"')
  await named('project-notes').fill('# Plan')
  await page.getByRole('button', { name: 'Preview' }).click()
  await named('notes-preview').getByRole('heading', { name: 'Plan' }).waitFor()
  await named('json-add-custom').click()
  await named('json-custom').getByTestId('json-name').fill('limits')
  await named('json-custom').getByTestId('json-value').fill('{"max": 12345678901234567890}')
  assert.match(await named('json-error').innerText(), /more digits/)
  await named('json-custom').getByTestId('json-value').fill('{"max": "12345678901234567890", "depth": 3}')
  assert.deepEqual(await violations(page), [])
  await named('project-save').click()
  await page.waitForURL(/\/projects\/proj-/)
  const apollo = await stored('Apollo')
  assert.deepEqual(apollo.limits, { max: '12345678901234567890', depth: 3 })
  assert.deepEqual(apollo.revenue, { total: 30000, currency: 'EUR' })

  await page.goto(`${server.base}/projects`)
  await column('in-progress').getByTestId('column-add').click()
  await named('project-name').fill('Borealis')
  await named('project-save').click()
  await page.waitForURL(/\/projects\/proj-/)
  assert.equal((await stored('Borealis')).status, 'in-progress')
})

test('editing keeps what the form does not show exactly, and removes a field', async () => {
  const made = await page.request.fetch(`${server.base}/api/projects`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Origin: server.base },
    data: '{"name":"Exact","huge":12345678901234567890.125,"note":"old","team":["a"]}',
  })
  assert.equal(made.status(), 201)
  await page.goto(`${server.base}/projects`)
  await card('Exact').getByRole('link').focus()
  await page.keyboard.press('e')
  const rows = named('json-custom').getByTestId('json-row')
  await rows.first().waitFor()
  assert.equal(await rows.nth(0).getByTestId('json-value').getAttribute('readonly'), '')
  await rows.nth(1).getByTestId('json-value').fill('"new"')
  await rows.nth(2).getByTestId('json-remove').click()
  await named('project-save').click()
  await named('project-form').waitFor({ state: 'detached' })
  const text = await (await page.request.get(`${server.base}/api/projects`)).text()
  assert.match(text, /"huge":12345678901234567890\.125/)
  const exact = await stored('Exact')
  assert.equal(exact.note, 'new')
  assert.equal(exact.team, null)
})

test('a card dragged to another column changes its status, and stays there', async () => {
  for (const name of ['Cassini', 'Dawn', 'Europa']) await create({ name, status: 'in-progress' })
  await showsIn('in-progress', ['Borealis', 'Cassini', 'Dawn', 'Europa'])
  assert.deepEqual(await violations(page), [])

  await drag(card('Apollo'), card('Dawn'), 'above')
  await named('drop-line').waitFor()
  await drop()
  await showsIn('in-progress', ['Borealis', 'Cassini', 'Apollo', 'Dawn', 'Europa'])
  await page.waitForFunction(() => document.querySelector('[data-testid=board-said]').textContent.includes('Apollo is now in In progress, place 3 of 5'))
  await page.reload()
  await showsIn('in-progress', ['Borealis', 'Cassini', 'Apollo', 'Dawn', 'Europa'])
  assert.equal((await stored('Apollo')).status, 'in-progress')

  await drag(card('Europa'), column('paused'))
  await drop()
  await showsIn('paused', ['Europa'])
  await page.waitForFunction(() => document.querySelector('[data-testid=board-said]').textContent.includes('Paused'))
  assert.equal((await stored('Europa')).status, 'paused')
})

test('a card dragged within its column changes the manual order', async () => {
  await drag(card('Dawn'), card('Borealis'), 'above')
  await named('drop-line').waitFor()
  await drop()
  await showsIn('in-progress', ['Dawn', 'Borealis', 'Cassini', 'Apollo'])
  await page.waitForFunction(() => document.querySelector('[data-testid=board-said]').textContent.includes('place 1 of 4'))
  await page.reload()
  await showsIn('in-progress', ['Dawn', 'Borealis', 'Cassini', 'Apollo'])
  assert.deepEqual((await order()).filter(name => /Dawn|Borealis|Cassini|Apollo/.test(name)), ['Dawn', 'Borealis', 'Cassini', 'Apollo'])
})

test('the keyboard moves cards: by menu and by arrows, and it is said', async () => {
  await card('Cassini').getByTestId('card-menu').focus()
  await page.keyboard.press('Enter')
  await named('move-to-completed').focus()
  await page.keyboard.press('Enter')
  await showsIn('completed', ['Cassini'])
  await page.waitForFunction(() => document.querySelector('[data-testid=board-said]').textContent.includes('Cassini is now in Completed'))

  await card('Apollo').getByRole('link').focus()
  await page.keyboard.press('Shift+ArrowUp')
  await showsIn('in-progress', ['Dawn', 'Apollo', 'Borealis'])
  await page.waitForFunction(() => document.activeElement?.textContent === 'Apollo')
  await page.keyboard.press('Shift+ArrowRight')
  await page.waitForFunction(() => document.activeElement?.closest('[data-status=paused]') && document.activeElement.textContent === 'Apollo')
  await page.keyboard.press('Shift+ArrowLeft')
  await page.waitForFunction(() => document.querySelector('[data-testid=board-said]').textContent.includes('Apollo is now in In progress'))
  await card('Dawn').getByTestId('card-menu').click()
  await named('move-bottom').click()
  await page.waitForFunction(() => document.querySelector('[data-testid=board-said]').textContent.includes('Dawn is now in In progress, place 3 of 3'))
  assert.deepEqual((await order()).filter(name => /Dawn|Borealis|Apollo/.test(name)), await namesIn('in-progress'))
})

test('a move that somebody else was faster than is taken back, and says so', async () => {
  const dawn = await stored('Dawn')
  await beforeNext('PATCH', `/api/projects/${dawn.id}`, () => call('PATCH', `/api/projects/${dawn.id}`, { priority: 'urgent' }))
  await drag(card('Dawn'), column('cancelled'))
  await drop()
  await toast('was changed meanwhile').waitFor()
  assert.ok((await namesIn('in-progress')).includes('Dawn'))
  assert.equal((await stored('Dawn')).status, 'in-progress')
  assert.equal((await stored('Dawn')).priority, 'urgent')
  // The newer version is here by now: the same move goes through.
  await card('Dawn').getByTestId('card-menu').click()
  await named('move-to-cancelled').click()
  await showsIn('cancelled', ['Dawn'])
})

test('a move that does not reach the server is taken back', async () => {
  await page.waitForFunction(() => document.querySelector('[data-testid=board-said]').textContent.includes('Dawn'))
  await page.route('**/api/projects/proj-*', route => route.abort())
  await card('Dawn').getByTestId('card-menu').click()
  await named('move-to-planning').click()
  await toast('“Dawn” was not changed').waitFor()
  assert.ok((await namesIn('cancelled')).includes('Dawn'))
  await page.unroute('**/api/projects/proj-*')
})

test('sorted by something else, cards keep their places, and the board says why', async () => {
  await page.goto(`${server.base}/projects?sort=name`)
  await named('board-sorted').waitFor()
  await card('Apollo').getByTestId('card-menu').click()
  await named('move-top').waitFor()
  assert.equal(await named('move-top').getAttribute('aria-disabled'), 'true')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Use manual order' }).click()
  await page.waitForURL(url => !url.search.includes('sort'))
})

test('an odd imported status has a column of its own', async () => {
  const list = await page.request.get(`${server.base}/api/projects`)
  const body = await list.json()
  body.data[0].status = 'someday'
  await page.route('**/api/projects', route => route.fulfill({ json: body }))
  await page.goto(`${server.base}/projects`)
  await column('someday').getByTestId('project-card').waitFor()
  await page.unroute('**/api/projects')
})

test('cells of the table are changed in place', async () => {
  await page.goto(`${server.base}/projects?view=table`)
  await row('Apollo').getByTestId('cell-status').getByRole('button').click()
  await page.getByRole('menuitemcheckbox', { name: 'Paused' }).click()
  await row('Apollo').getByText('Paused').waitFor()
  await row('Apollo').getByTestId('cell-category').getByRole('button').click()
  await named('text-input').fill('Moon')
  await named('text-input').press('Enter')
  await row('Apollo').getByTestId('cell-category').getByText('Moon', { exact: true }).waitFor()
  await row('Apollo').getByTestId('cell-progress').getByRole('button').click()
  await named('progress-input').fill('45')
  await named('progress-input').press('Enter')
  await row('Apollo').getByText('45%').waitFor()
  await page.waitForFunction(() => document.activeElement?.closest('[data-testid=cell-progress]'))
  await row('Apollo').getByTestId('cell-priority').getByRole('button').click()
  await page.getByRole('menuitemcheckbox', { name: 'Urgent' }).click()
  await row('Apollo').getByText('Urgent').waitFor()
  await page.reload()
  await row('Apollo').getByText('45%').waitFor()
  const { status, category, progress, priority } = await stored('Apollo')
  assert.deepEqual({ status, category, progress, priority }, { status: 'paused', category: 'Moon', progress: 45, priority: 'urgent' })
})

test('headers sort, both ways, and it is in the address', async () => {
  await named('sort-name').click()
  await page.waitForURL(/sort=name/)
  const names = () => named('project-row').locator('a').allInnerTexts()
  assert.deepEqual(await names(), (await names()).toSorted())
  await named('sort-name').click()
  await page.waitForURL(/order=reverse/)
  await page.reload()
  await row('Apollo').waitFor()
  assert.deepEqual(await names(), (await names()).toSorted().toReversed())
})

test('a batch changes what it can, and shows what was refused', async () => {
  await page.goto(`${server.base}/projects?view=table&sort=name`)
  await row('Apollo').getByTestId('row-select').click()
  await row('Cassini').getByTestId('row-select').click({ modifiers: ['Shift'] })
  assert.equal(await page.locator('[data-testid=row-select]:checked').count(), 3)
  assert.deepEqual(await violations(page), [])
  const borealis = await stored('Borealis')
  await beforeNext('POST', '/api/projects/batch', () => call('PATCH', `/api/projects/${borealis.id}`, { description: 'Theirs' }))
  await named('batch-priority').click()
  await named('batch-to-low').click()
  await named('batch-failures').waitFor()
  assert.match(await named('batch-failures').innerText(), /2 of 3 changed[\s\S]*Borealis was changed by somebody else/)
  assert.equal((await stored('Apollo')).priority, 'low')
  assert.equal((await stored('Cassini')).priority, 'low')
  assert.equal((await stored('Borealis')).priority, 'medium')
  assert.deepEqual(await violations(page), [])
  // Only the refused one is still chosen: once more.
  assert.equal(await page.locator('[data-testid=row-select]:checked').count(), 1)
  await named('batch-priority').click()
  await named('batch-to-low').click()
  await named('batch-failures').waitFor({ state: 'detached' })
  await page.getByText('1 project changed').first().waitFor()
  assert.equal((await stored('Borealis')).priority, 'low')
})

test('a batch adds a tag and a category, and deletes with a way back', async () => {
  await named('batch-clear').click()
  await named('select-all').click()
  await named('batch-tag').click()
  await named('batch-tag-text').fill('crew')
  await named('batch-tag-apply').click()
  await page.getByText('6 projects changed').first().waitFor()
  assert.ok((await call('GET', '/api/projects')).every(project => project.tags.includes('crew')))
  await named('batch-category').click()
  await named('batch-category-text').fill('Space')
  await named('batch-category-apply').click()
  await row('Europa').getByText('Space').waitFor()

  await named('batch-clear').click()
  await row('Dawn').getByTestId('row-select').click()
  await row('Europa').getByTestId('row-select').click()
  await named('batch-delete').click()
  await row('Dawn').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await row('Dawn').waitFor()
  assert.equal((await call('GET', '/api/projects')).length, 6)
})

test('filters count, live in the address, survive a reload and are cleared at once', async () => {
  await page.goto(`${server.base}/projects?view=table`)
  await page.getByRole('search').getByRole('button', { name: 'Priority', exact: true }).click()
  await page.getByRole('checkbox', { name: /Low/ }).click()
  await page.keyboard.press('Escape')
  await page.waitForURL(/priority=low/)
  await page.getByRole('search').getByRole('button', { name: 'Status', exact: true }).click()
  // Counted with the other filters as they are.
  await page.getByRole('listitem').filter({ hasText: /^\s*Completed\s*1\s*$/ }).waitFor()
  await page.getByRole('checkbox', { name: /Completed/ }).click()
  await page.keyboard.press('Escape')
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=project-row]').length === 1)
  await page.reload()
  await row('Cassini').waitFor()
  assert.equal(await named('project-row').count(), 1)
  assert.match(page.url(), /status=completed/)
  await named('clear-filters').click()
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=project-row]').length === 6)
  await page.waitForURL(url => url.search === '?view=table')
})

test('a thousand projects draw a screenful', async () => {
  const ops = Array.from({ length: 1000 }, (_, index) => ({ name: `Fleet ${String(index).padStart(4, '0')}`, status: ['planning', 'in-progress', 'paused'][index % 3] }))
  await page.evaluate(async list => {
    for (let start = 0; start < list.length; start += 20) {
      await Promise.all(list.slice(start, start + 20).map(body => fetch('/api/projects', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })))
    }
  }, ops)
  await page.goto(`${server.base}/projects?q=fleet%20`)
  await page.getByText('1000 of 1006').waitFor()
  assert.ok(await named('project-card').count() < 80)
  await column('planning').locator('.overflow-y-auto').evaluate(list => list.scrollTo(0, 1e6))
  await card('Fleet 0999').waitFor()
  await page.goto(`${server.base}/projects?q=fleet%20&view=cards`)
  await card('Fleet 0000').waitFor()
  assert.ok(await named('project-card').count() < 80)
  await page.goto(`${server.base}/projects?q=fleet%20&view=table&sort=name`)
  await row('Fleet 0000').waitFor()
  assert.ok(await named('project-row').count() < 80)
  await page.locator('.overflow-auto').first().evaluate(list => list.scrollTo(0, 1e6))
  await row('Fleet 0999').waitFor()
})

test('a viewer sees everything and may change nothing', async t => {
  const answer = await page.request.post(`${server.base}/api/users`, { data: { username: 'reader', password: 'only reading here', role: 'viewer' }, headers: { Origin: server.base } })
  if (answer.status() === 404) return t.skip('this server has no users yet')
  const viewer = await browser.open()
  await viewer.goto(`${server.base}/sign-in`)
  await viewer.getByTestId('sign-in-username').fill('reader')
  await viewer.getByTestId('sign-in-password').fill('only reading here')
  await viewer.getByTestId('sign-in-submit').click()
  await viewer.getByTestId('status-strip').waitFor()
  await viewer.goto(`${server.base}/projects`)
  await viewer.getByTestId('project-card').first().waitFor()
  for (const control of ['new-project', 'column-add', 'card-menu']) assert.equal(await viewer.getByTestId(control).count(), 0, control)
  assert.equal(await viewer.locator('[data-testid=project-card]').first().evaluate(node => node.closest('[draggable=true]')), null)
  await viewer.goto(`${server.base}/projects?view=table&new=1`)
  await viewer.getByTestId('project-row').first().waitFor()
  for (const control of ['row-select', 'select-all', 'card-menu', 'project-form']) assert.equal(await viewer.getByTestId(control).count(), 0, control)
  assert.equal(await viewer.locator('[data-testid=cell-status] button').count(), 0)
})

test('nothing went wrong on the way, and nothing asked another host', () => {
  assert.deepEqual(browser.faults, [])
})
