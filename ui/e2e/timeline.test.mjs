// The timeline of all projects and of one: live, filtered, searched, grouped, read far back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { post, signIn, startBrowser, startServer, violations } from './harness.mjs'
import { corpus, hidden } from './xss-corpus.mjs'

let server, browser, page, project
const named = name => page.getByTestId(name)
const row = title => named('timeline-row').filter({ has: page.getByText(title, { exact: true }) })
const titles = () => named('timeline-row').evaluateAll(rows => rows.map(found => found.querySelector('span > span')?.textContent))
const isLive = () => page.locator('[data-testid=status-strip][data-live=live]').waitFor()
const send = events => post(server.base, '/api/agent/events', { events })
const ago = minutes => new Date(Date.now() - minutes * 60_000).toISOString()

before(async () => {
  server = await startServer()
  browser = await startBrowser(server.base)
  page = await browser.open({ permissions: ['clipboard-read', 'clipboard-write'] })
  await signIn(page, server.base)
  project = await page.evaluate(async () => {
    const answer = await fetch('/api/projects', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'Apollo' }) })
    return (await answer.json()).data.id
  })
})
after(async () => {
  await browser?.close()
  await server?.close()
})

test('an empty timeline teaches, and turns into the first event as it arrives', async () => {
  await named('nav-timeline').click()
  await page.getByText('Waiting for the first agent').waitFor()
  await isLive()
  await send([{ projectId: project, agentId: 'claude', title: 'First light' }])
  await row('First light').waitFor()
  assert.match(await row('First light').innerText(), /Apollo/)
})

test('filters live in the address, narrow what is shown, and survive a reload', async () => {
  await send([
    { projectId: project, agentId: 'claude', type: 'error', level: 'error', title: 'Broke' },
    { projectId: project, agentId: 'codex', type: 'milestone', title: 'Reached' },
    { projectId: 'elsewhere', agentId: 'codex', type: 'action.set_status', title: 'Moved' },
    { agentId: 'gemini', type: 'note', level: 'warn', title: 'Loose' },
  ])
  await row('Moved').waitFor()
  await page.getByRole('button', { name: 'Type', exact: true }).click()
  await page.getByLabel(/^Errors/).check()
  await page.getByLabel(/^Milestones/).check()
  await page.keyboard.press('Escape')
  await page.waitForURL(/type=error&type=milestone|type=milestone&type=error/)
  await row('Moved').waitFor({ state: 'detached' })
  await row('Reached').waitFor()
  assert.deepEqual(await titles(), ['Reached', 'Broke'])
  await page.reload()
  await row('Reached').waitFor()
  assert.deepEqual(await titles(), ['Reached', 'Broke'])

  // What arrives live goes through the same filter.
  await isLive()
  await send([{ type: 'note', title: 'Not asked for' }, { type: 'error', title: 'Broke again' }])
  await row('Broke again').waitFor()
  assert.deepEqual(await titles(), ['Broke again', 'Reached', 'Broke'])

  await page.getByRole('button', { name: 'Clear filters' }).click()
  await row('Not asked for').waitFor()
  assert.doesNotMatch(page.url(), /type=/)
  await page.goto(`${server.base}/timeline?agent=codex&project=elsewhere&project=${project}`)
  await row('Moved').waitFor()
  assert.deepEqual(await titles(), ['Moved', 'Reached'])
})

test('counts stand beside what can be chosen', async () => {
  await page.goto(`${server.base}/timeline`)
  await row('Moved').waitFor()
  await page.getByRole('button', { name: 'Agent', exact: true }).click()
  await page.getByText('codex', { exact: true }).last().waitFor()
  assert.match(await page.locator('label', { hasText: 'codex' }).innerText(), /codex\s*2/)
  await page.keyboard.press('Escape')
})

test('the reader chooses days', async () => {
  // The server says when an event was: all of these are of today.
  await page.goto(`${server.base}/timeline?to=${ago(60 * 26).slice(0, 10)}`)
  await page.getByText('Nothing matches').waitFor()
  await named('timeline-dates').click()
  await named('timeline-calendar').waitFor()
  await page.mouse.move(700, 600)
  // Entrances take at most 150 ms; contrast is measured after them.
  await page.waitForTimeout(350)
  assert.deepEqual(await violations(page), [])
  await page.getByRole('button', { name: 'Last 7 days' }).click()
  await row('Moved').waitFor()
  assert.match(page.url(), /from=/)
  await named('timeline-dates').click()
  await page.getByRole('button', { name: 'Any time' }).click()
  await page.waitForURL(url => !url.search)
})

test('text is searched in everything an event says, Chinese included', async () => {
  await send([
    { agentId: 'claude', title: '修复了登录页面的超时问题', message: '原因是连接池太小' },
    { agentId: 'claude', title: 'Cart index added', message: 'cart_items(sku) was scanned', data: { file: 'schema/zebra.sql' } },
  ])
  await row('Cart index added').waitFor()
  await page.keyboard.press('/')
  for (const [words, found] of [['登录页面', '修复了登录页面的超时问题'], ['连接池', '修复了登录页面的超时问题'], ['ind ca', 'Cart index added'], ['zebra', 'Cart index added']]) {
    await page.getByRole('searchbox').fill(words)
    await page.waitForURL(url => url.searchParams.get('q') === words)
    await page.waitForFunction(title => {
      const rows = [...document.querySelectorAll('[data-testid=timeline-row]')]
      return rows.length === 1 && rows[0].textContent.includes(title)
    }, found)
  }
  // An event that comes while the search stands is found at once.
  await isLive()
  await send([{ title: 'Zebra crossing' }, { title: 'No stripes' }])
  await row('Zebra crossing').waitFor()
  assert.equal(await row('No stripes').count(), 0)
  await page.getByRole('searchbox').fill('nothing is called so')
  await page.getByText('Nothing matches').waitFor()
  await page.keyboard.press('Escape')
  await row('No stripes').waitFor()
})

test('an event opens beside the list, and its JSON is copied', async () => {
  await row('Cart index added').click()
  await named('event-details').locator('.vjs-tree').first().waitFor()
  assert.match(page.url(), /open=event/)
  assert.match(await named('inspector').innerText(), /cart_items\(sku\) was scanned/)
  await named('event-details').getByRole('button', { name: 'Copy JSON' }).first().click()
  await named('event-details').getByRole('button', { name: 'Copied' }).waitFor()
  assert.deepEqual(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), { file: 'schema/zebra.sql' })
  await page.reload()
  await named('event-details').waitFor()
  await page.keyboard.press('Escape')
  await named('inspector').waitFor({ state: 'detached' })
})

test('an action shows what it changed, and leads to its project', async () => {
  const action = { id: 'act-timeline', projectId: project, agentId: 'claude', action: 'set_status', params: { status: 'paused' } }
  await page.evaluate(body => fetch('/api/agent/actions', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }), action)
  const line = page.locator('[data-event-id="act-timeline"]')
  await line.waitFor()
  assert.match(await line.innerText(), /status\s\S+ → paused/)
  await line.click()
  assert.match(await named('action-diff').innerText(), /status\s+\S+\s+paused/)
  await named('event-project-link').click()
  await named('project-title').waitFor()
  assert.equal(await named('project-title').innerText(), 'Apollo')
})

test('a run folds its events under its name, by mouse and by keyboard', async () => {
  await post(server.base, '/api/agent/runs', { id: 'run-a', projectId: project, agentId: 'claude', title: 'Land', status: 'completed', startedAt: ago(20), finishedAt: ago(8) })
  await send([1, 2, 3].map(index => ({ projectId: project, runId: 'run-a', agentId: 'claude', level: index === 2 ? 'error' : 'info', title: `Burn ${index}` })))
  await page.goto(`${server.base}/projects/${project}`)
  await row('Burn 3').waitFor()
  assert.equal(await page.locator('[data-testid=timeline-row][data-run-id="run-a"]').count(), 2, 'its start and its end')
  await named('timeline-group-toggle').click()
  await page.waitForURL(/group=run/)
  const group = page.locator('[data-testid=timeline-group][data-run-id="run-a"]')
  await group.waitFor()
  assert.match((await group.innerText()).replaceAll(/\s+/g, ' '), /Land .*1 error 3 events 12m 00s/)
  assert.equal(await row('Burn 1').count(), 0)
  await group.click()
  await row('Burn 1').waitFor()
  assert.equal(await group.getAttribute('aria-expanded'), 'true')
  await page.keyboard.press('ArrowLeft')
  await row('Burn 1').waitFor({ state: 'detached' })
  await page.keyboard.press('Enter')
  await row('Burn 1').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await named('event-details').waitFor()
  assert.equal(await named('event-run-link').getAttribute('href'), '/runs/run-a')
  assert.deepEqual(await violations(page), [])

  // A live event adds to its run where it stands.
  await isLive()
  await send([{ projectId: project, runId: 'run-a', title: 'Touchdown' }])
  await row('Touchdown').waitFor()
  assert.match(await group.innerText(), /4 events/)
  await page.keyboard.press('Escape')
})

test('a reader far down keeps the place, is told how much is new, and reads on to the first event', async () => {
  const events = Array.from({ length: 3000 }, (_, index) => ({ projectId: project, title: `Step ${index}` }))
  for (let from = 0; from < 3000; from += 1000) await send(events.slice(from, from + 1000))
  await page.goto(`${server.base}/timeline`)
  await row('Step 2999').waitFor()
  await isLive()
  await named('timeline').evaluate(list => list.scrollTo(0, 36 * 150))
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=timeline-row]')[20]?.getBoundingClientRect().top > 0)
  const seen = await named('timeline-row').nth(20).getAttribute('data-event-id')
  const place = () => page.locator(`[data-event-id="${seen}"]`).evaluate(found => found.getBoundingClientRect().top)
  const before = await place()
  await send(Array.from({ length: 12 }, (_, index) => ({ title: `Late ${index}` })))
  await page.getByText('12 new').waitFor()
  assert.equal(await place(), before)

  // Pages are read as the end comes near.
  await page.waitForFunction(() => {
    const list = document.querySelector('[data-testid=timeline]')
    list.scrollTo(0, list.scrollHeight)
    return [...document.querySelectorAll('[data-testid=timeline-row]')].some(found => found.textContent.includes('First light'))
  }, undefined, { timeout: 20_000 })
  assert.ok(await named('timeline-row').count() < 100, 'only what is in sight is in the document')
  await named('timeline-new').click()
  await row('Late 11').waitFor()
  assert.equal(await named('timeline-new').count(), 0)
})

test('the rows are walked by keyboard, and the inspector follows', async () => {
  await page.reload()
  await named('timeline-row').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await named('event-details').waitFor()
  const first = page.url()
  await page.keyboard.press('j')
  await page.waitForURL(url => url.href !== first)
  await page.keyboard.press('k')
  await page.waitForURL(first)
  await page.keyboard.press('Escape')
  await named('inspector').waitFor({ state: 'detached' })
})

test('a server that goes away is noticed, and the page catches up when it is back', async () => {
  await page.evaluate(() => { window.notReloaded = true })
  await server.stop()
  await named('server-gone').waitFor()
  await server.restart()
  await send([{ title: 'While you were away' }])
  await named('server-gone').waitFor({ state: 'detached', timeout: 20_000 })
  await row('While you were away').waitFor()
  assert.equal(await page.evaluate(() => window.notReloaded), true)
})

test('whatever an agent writes is shown as text', async () => {
  // An agent may name anything so, and its message and data may hold it too.
  await send(corpus.map((text, index) => ({ id: `xss-${index}`, projectId: project, agentId: text.replaceAll(/[\p{Cc}]/gu, ' '), title: text, message: text, data: { [text]: text } })))
  await page.goto(`${server.base}/timeline`)
  await page.locator(`[data-event-id="xss-${corpus.length - 1}"]`).waitFor()
  const shown = new Map()
  for (let top = 0; shown.size < corpus.length && top < 36 * 2 * corpus.length; top += 300) {
    await named('timeline').evaluate((list, to) => list.scrollTo(0, to), top)
    await page.waitForTimeout(50)
    const found = await page.locator('[data-event-id^="xss-"]').evaluateAll(rows => rows.map(line => [line.dataset.eventId, line.querySelector('span > span').textContent]))
    for (const [id, text] of found) shown.set(id, text)
  }
  for (const [index, text] of corpus.entries()) {
    if (hidden.includes(text) || /[\p{Cc}]/u.test(text)) assert.doesNotMatch(shown.get(`xss-${index}`), /[\p{Cc}\p{Cf}\u2028\u2029]/u, text)
    else assert.equal(shown.get(`xss-${index}`), text)
  }
  assert.equal(await page.locator('#content :is(script, iframe, object, embed, img, base, link, meta)').count(), 0)
  for (const index of [0, 8, 17, 60, 80, 100]) {
    await page.goto(`${server.base}/timeline?open=event:xss-${index}`)
    await named('event-details').locator('.vjs-tree').first().waitFor()
    assert.ok((await named('event-details').innerText()).includes(corpus[index].replace(/\s+/g, ' ')), corpus[index])
  }
  assert.equal(await page.evaluate(() => window.pwned), undefined)
})

test('nothing went wrong on the way, and nothing asked another host', () => {
  assert.deepEqual(browser.faults, [])
})
