// Overview, usage and runs: the figures on the screens are those of what agents reported.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { post, signIn, startBrowser, startServer } from './harness.mjs'

let server, browser, page
const named = id => page.getByTestId(id)

before(async () => {
  server = await startServer()
  browser = await startBrowser(server.base)
  page = await browser.open({ timezoneId: 'Asia/Kolkata' })
  await signIn(page, server.base)
  const made = await page.evaluate(async () => (await fetch('/api/projects', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ id: 'apollo', name: 'Apollo', budget: 100, actualCost: 95, status: 'in-progress' }),
  })).status)
  assert.equal(made, 201)
})
after(async () => {
  await browser?.close()
  await server?.close()
})

const now = Date.now()
const at = minutes => new Date(now - minutes * 60_000).toISOString()

test('an empty overview teaches, and fills as agents report', async () => {
  await page.goto(`${server.base}/`)
  await named('overview').waitFor()
  await post(server.base, '/api/agent/runs', { id: 'run-1', projectId: 'apollo', agentId: 'claude', title: 'Warm the cache', startedAt: at(12) })
  await post(server.base, '/api/agent/runs', { id: 'run-2', projectId: 'apollo', agentId: 'codex', title: 'Cool it down', status: 'failed', startedAt: at(9), finishedAt: at(4), metrics: { tests: 412 }, links: ['https://example.com/pull/7'] })
  await post(server.base, '/api/agent/events', { events: [
    { id: 'e1', runId: 'run-1', projectId: 'apollo', agentId: 'claude', title: 'Cache is warm' },
    { id: 'e2', runId: 'run-2', projectId: 'apollo', agentId: 'codex', level: 'error', type: 'error', title: 'Valve is stuck' },
  ] })
  await post(server.base, '/api/agent/usage', { records: [
    { id: 'u1', runId: 'run-1', projectId: 'apollo', agentId: 'claude', model: 'opus', promptTokens: 1000, completionTokens: 500, totalTokens: 1500, cost: 1.25, ts: at(5) },
    { id: 'u2', runId: 'run-2', projectId: 'apollo', agentId: '=HYPERLINK("x")', model: 'haiku', promptTokens: 300, completionTokens: 200, totalTokens: 500, cost: 0.5, ts: at(4) },
  ] })
  await page.getByTestId('overview-running').getByText('1', { exact: true }).waitFor()
  assert.match(await named('overview-events').innerText(), /2/)
  assert.match(await named('overview-failures').innerText(), /1/)
  await page.getByTestId('overview-cost-month').getByText('$1.75').waitFor()
  assert.match(await named('overview-attention').innerText(), /Apollo/)
  assert.match(await named('overview-attention').innerText(), /Cool it down/)
  await page.getByTestId('overview-event').getByText('Valve is stuck').waitFor()
  await named('overview-cost-chart').waitFor()
})

test('usage adds up, filters live in the address, and the chart has its table', async () => {
  await named('nav-usage').click()
  await named('usage-totals').getByText('$1.75').waitFor()
  assert.match(await named('usage-table-model').innerText(), /opus[\s\S]*71%[\s\S]*\$1\.25/)
  await named('usage-table-model').getByRole('button', { name: 'haiku' }).click()
  await named('usage-totals').getByText('$0.50', { exact: true }).waitFor()
  await page.reload()
  await named('usage-totals').getByText('$0.50', { exact: true }).waitFor()
  assert.match(page.url(), /model=haiku/)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await named('usage-totals').getByText('$1.75').waitFor()
  // The reader's own day, not that of UTC.
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Kolkata', dateStyle: 'short' }).format(now - 5 * 60_000)
  await named('usage-chart').getByRole('button', { name: 'Show as table' }).click()
  await named('usage-chart').getByRole('rowheader', { name: today }).waitFor()
  assert.match(await named('usage-chart').innerText(), /\$1\.25/)
})

test('usage is saved as CSV that no spreadsheet runs', async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), named('usage-export').click()])
  assert.match(download.suggestedFilename(), /^pilotdeck-usage-\d{8}\.csv$/)
  const text = await readFile(await download.path(), 'utf8')
  const lines = text.trim().split(/\r?\n/)
  assert.equal(lines.length, 3)
  assert.match(lines[0], /totalTokens/)
  assert.match(text, /"'=HYPERLINK\(""x""\)"/)
})

test('runs are filtered in the address, shown on a time axis, and open to their trace', async () => {
  await named('nav-runs').click()
  await page.locator('[data-run-id=run-2]').waitFor()
  assert.match(await page.locator('[data-run-id=run-1]').innerText(), /Warm the cache[\s\S]*Apollo[\s\S]*claude[\s\S]*\$1\.25/)
  await page.goto(`${server.base}/runs?status=failed`)
  await page.locator('[data-run-id=run-2]').waitFor()
  assert.equal(await page.getByTestId('run-row').count(), 1)
  await page.getByRole('button', { name: 'Time axis' }).click()
  await page.locator('svg').getByText('Cool it down').waitFor()
  await page.getByRole('button', { name: 'Table' }).click()
  await page.locator('[data-run-id=run-2] button').click()
  await named('run-title').getByText('Cool it down').waitFor()
  assert.match(await named('run-head').innerText(), /412/)
  assert.match(await named('run-head').innerText(), /example\.com/)
  await named('run-usage').getByText('haiku').waitFor()
  await named('trace-row').getByText('Valve is stuck').click()
  await named('event-details').waitFor()
  assert.match(page.url(), /open=event:e2|open=event%3Ae2/)
  await post(server.base, '/api/agent/events', { id: 'e3', runId: 'run-2', projectId: 'apollo', title: 'Valve replaced' })
  await named('trace-row').getByText('Valve replaced').waitFor()
})

test('a failure is told of, with a way to it', async () => {
  await page.goto(`${server.base}/projects`)
  await page.locator('[data-testid=status-strip][data-live=live]').waitFor()
  await post(server.base, '/api/agent/runs', { id: 'run-3', projectId: 'apollo', agentId: 'codex', title: 'Lost its way', status: 'failed' })
  await page.getByText('A run failed').first().waitFor()
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await named('run-title').getByText('Lost its way').waitFor()
})

test('a project keeps its income and expenses', async () => {
  await page.goto(`${server.base}/projects/apollo/finance`)
  async function add(kind, title, amount) {
    await named('order-new').click()
    if (kind === 'income') await named('order-form').getByRole('button', { name: 'Income' }).click()
    await page.locator('input[data-testid=order-title], [data-testid=order-title] input').fill(title)
    await page.locator('input[data-testid=order-amount], [data-testid=order-amount] input').fill(amount)
    await named('order-save').click()
    await named('order-row').getByText(title).waitFor()
  }
  await add('income', 'Invoice 7', '500')
  await add('expense', 'Hosting', '120.5')
  await named('finance-net').getByText('$379.50').waitFor()
  const stored = await page.evaluate(async () => (await (await fetch('/api/projects/apollo')).json()).data)
  assert.deepEqual([stored.cost.total, stored.revenue.total, stored.orders.length], [120.5, 500, 2])
  await page.getByTestId('order-row').filter({ hasText: 'Hosting' }).getByTestId('order-remove').click()
  await named('finance-net').getByText('$500').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await named('finance-net').getByText('$379.50').waitFor()
  await page.reload()
  await named('finance-net').getByText('$379.50').waitFor()
  await page.goto(`${server.base}/projects/apollo/usage`)
  await named('usage-totals').getByText('$1.75').waitFor()
})

test('nothing went wrong on the way, and nothing asked another host', () => {
  assert.deepEqual(browser.faults, [])
})
