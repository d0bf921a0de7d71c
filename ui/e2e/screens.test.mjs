// Every screen in both themes, both languages and three sizes: pictures to look at, and 0 axe violations.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { post, screenshot, signIn, startBrowser, startServer, violations } from './harness.mjs'

const SIZES = [[1440, 900], [1024, 700], [390, 844]]
const found = []
let server, browser, empty

before(async () => {
  server = await startServer()
  browser = await startBrowser(server.base)
})
after(async () => {
  await browser?.close()
  await server?.close()
})

const looks = [
  { name: 'light-en', colorScheme: 'light', locale: 'en' },
  { name: 'dark-zh', colorScheme: 'dark', locale: 'zh-CN' },
]
const others = [
  { name: 'dark-en', colorScheme: 'dark', locale: 'en' },
  { name: 'light-zh', colorScheme: 'light', locale: 'zh-CN' },
]

/** Both themes are checked once at every size; the other language only changes the words. */
async function shoot(page, name, path, ready) {
  const isOther = /dark-en|light-zh/.test(name)
  for (const [width, height] of isOther ? SIZES.slice(0, 1) : SIZES) {
    await page.setViewportSize({ width, height })
    await page.goto(server.base + path)
    await page.locator(ready).first().waitFor()
    await page.evaluate(() => document.fonts.ready)
    // Entrances take at most 150 ms; contrast is measured after them.
    await page.waitForTimeout(350)
    await screenshot(page, `${name}-${width}x${height}`)
    if (!isOther) found.push(...(await violations(page)).map(rule => `${name} ${width}×${height} ${rule}`))
  }
}

test('sign in', async () => {
  for (const look of [...looks, ...others]) {
    const page = await browser.open({ colorScheme: look.colorScheme, locale: look.locale })
    await shoot(page, `sign-in-${look.name}`, '/sign-in', '[data-testid=default-password-notice]')
    await page.context().close()
  }
})

test('empty screens teach', async () => {
  empty = await browser.open()
  await signIn(empty, server.base)
  await shoot(empty, 'empty-projects-light-en', '/projects', '[data-testid=new-project-empty]')
  await shoot(empty, 'empty-connect-light-en', '/connect', '[data-testid=connect-waiting]')
})

test('full screens', async () => {
  const { project, event } = await fill(empty)
  for (const look of [...looks, ...others]) {
    const page = await browser.open({ colorScheme: look.colorScheme, locale: look.locale })
    await signIn(page, server.base)
    const at = `/projects/${project}`
    await shoot(page, `projects-${look.name}`, '/projects', '[data-testid=project-card]')
    await shoot(page, `projects-table-${look.name}`, '/projects?view=table', '[data-testid=project-row]')
    await shoot(page, `project-form-${look.name}`, `/projects?edit=${project}`, '[data-testid=project-form]')
    await shoot(page, `timeline-${look.name}`, at, '[data-testid=timeline-row]')
    await shoot(page, `inspector-${look.name}`, `${at}?open=event:${event}`, '[data-testid=event-details] .vjs-tree')
    await shoot(page, `runs-${look.name}`, `${at}/runs`, '[data-testid=run-row]')
    await shoot(page, `run-inspector-${look.name}`, `${at}/runs?open=run:run-1`, '[data-testid=run-details] .vjs-tree')
    await shoot(page, `notes-${look.name}`, `${at}/notes`, '[data-testid=project-notes-view]')
    await shoot(page, `connect-${look.name}`, '/connect', '[data-testid=connect-event]')
    await shoot(page, `not-found-${look.name}`, '/nowhere', 'h1')
    await page.context().close()
  }
})

test('axe finds nothing', () => {
  assert.deepEqual(found, [])
})

test('nothing went wrong on the way, and nothing asked another host', () => {
  assert.deepEqual(browser.faults, [])
})

/** A small team's day, through the API: projects with the session, the rest as agents do. */
async function fill(page) {
  const projects = [
    { name: 'Checkout latency budget', description: 'Bring p95 of /checkout under 180 ms; agents profile, patch and verify.', status: 'in-progress', priority: 'high', progress: 38, category: 'Backend', tags: ['perf', 'sre'], budget: 12000, actualCost: 4620.5, revenue: { total: 30000 }, github: 'https://github.com/example/checkout', workspace: 'E:/work/checkout', notes: '# Plan\n\nGet **p95** below 180 ms.\n\n- profile\n- index `cart_items(sku)`\n\n> See https://example.com/runbook' },
    { name: 'Ledger import for CSV banks', description: 'Parser fleet for 14 bank formats.', status: 'in-progress', progress: 17, category: 'Finance', tags: ['import'], budget: 8000, actualCost: 7350 },
    { name: 'Docs site in zh-CN', description: 'Translate 212 pages, review by glossary.', priority: 'low', category: 'Content' },
    { name: 'Nightly restore drill', description: 'Restore the latest snapshot every night.', status: 'in-progress', priority: 'high', progress: 78, category: 'Ops', budget: 900, actualCost: 931.2 },
    { name: 'Vector search spike', status: 'paused', priority: 'urgent', progress: 23, category: 'Research', tags: ['search'] },
    { name: 'Feature-flag cleanup', status: 'completed', priority: 'low', progress: 100, category: 'Backend' },
    { name: 'invoice\u202Efdp.exe <img src=x onerror=alert(1)>', description: 'Text of agents is data', status: 'cancelled' },
  ]
  const made = await page.evaluate(list => Promise.all(list.map(async body => {
    const answer = await fetch('/api/projects', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    return (await answer.json()).data.id
  })), projects)
  const [project] = made
  for (const [index, status] of ['running', 'completed', 'failed', 'completed', 'cancelled'].entries()) {
    const started = new Date(Date.now() - (index + 1) * 1_500_000)
    const finishedAt = status === 'running' ? undefined : new Date(started.getTime() + 800_000).toISOString()
    await post(server.base, '/api/agent/runs', {
      id: `run-${index}`, projectId: project, agentId: ['claude', 'codex'][index % 2], status, title: `Patch round ${index + 1}`,
      startedAt: started.toISOString(), finishedAt, summary: status === 'completed' ? 'Three files changed' : undefined,
      links: ['https://example.com/pull/7'], metrics: { tests: 412 },
    })
  }
  const titles = ['412 tests passed in 38.2 s', 'Noted a flaky test', 'Load harness timed out', 'p95 dropped to 174 ms', 'Cache stampede possible']
  const types = ['result', 'note', 'error', 'milestone', 'risk']
  const events = Array.from({ length: 60 }, (_, index) => ({
    projectId: project, runId: `run-${index % 5}`, agentId: ['claude', 'codex', 'gemini'][index % 3], type: types[index % 5], title: titles[index % 5],
    level: ['info', 'info', 'error', 'info', 'warn'][index % 5], message: index % 2 ? 'Seen while profiling the cart' : undefined, data: { round: index, ok: true },
  }))
  const { data } = await post(server.base, '/api/agent/events', { events })
  return { project, event: data.results[0].data.id }
}
