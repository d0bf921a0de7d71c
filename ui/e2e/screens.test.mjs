// Every screen in both themes, both languages and three sizes: pictures to look at, and 0 axe violations.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { screenshot, signIn, startBrowser, startServer, violations } from './harness.mjs'

const SIZES = [[1440, 900], [1024, 700], [390, 844]]
const ADMIN_TOKEN = 'admin-0123456789abcdef'
const found = []
let server, bare, browser, bareBrowser

before(async () => {
  server = await startServer({ demo: true, env: { PM_ADMIN_TOKEN: ADMIN_TOKEN } })
  bare = await startServer()
  browser = await startBrowser(server.base)
  bareBrowser = await startBrowser(bare.base)
})
after(async () => {
  for (const one of [browser, bareBrowser, server, bare]) await one?.close()
})

const looks = [
  { name: 'light-en', colorScheme: 'light', locale: 'en' },
  { name: 'dark-zh', colorScheme: 'dark', locale: 'zh-CN' },
]
const others = [
  { name: 'dark-en', colorScheme: 'dark', locale: 'en' },
  { name: 'light-zh', colorScheme: 'light', locale: 'zh-CN' },
]

/** Both themes are checked at the widest and the narrowest; the other language only changes the words. */
async function shoot(page, name, address, ready) {
  const isOther = /dark-en|light-zh/.test(name)
  for (const [width, height] of isOther ? SIZES.slice(0, 1) : SIZES) {
    await page.setViewportSize({ width, height })
    await page.goto(address)
    await page.locator(ready).filter({ visible: true }).first().waitFor()
    await page.evaluate(() => document.fonts.ready)
    // Entrances take at most 150 ms; contrast is measured after them.
    await page.waitForTimeout(350)
    await screenshot(page, `${name}-${width}x${height}`)
    if (!isOther && width !== 1024) found.push(...(await violations(page)).map(rule => `${name} ${width}×${height} ${rule}`))
  }
}

test('sign in', async () => {
  for (const look of [...looks, ...others]) {
    const page = await browser.open({ colorScheme: look.colorScheme, locale: look.locale })
    await shoot(page, `sign-in-${look.name}`, `${server.base}/sign-in`, '[data-testid=default-password-notice]')
    await page.context().close()
  }
})

test('empty screens teach', async () => {
  const page = await bareBrowser.open()
  await signIn(page, bare.base)
  for (const [name, path, ready] of EMPTY) await shoot(page, `empty-${name}-light-en`, bare.base + path, ready)
})

test('full screens', async () => {
  for (const look of [...looks, ...others]) {
    const page = await browser.open({ colorScheme: look.colorScheme, locale: look.locale })
    await signIn(page, server.base)
    const event = await page.evaluate(async () => (await (await fetch('/api/agent/events?limit=1&runId=run-demo-001')).json()).data[0].id)
    for (const [name, path, ready] of FULL) {
      await shoot(page, `${name}-${look.name}`, server.base + path.replace('EVENT', event), ready)
    }
    await page.context().close()
  }
})

test('operations, behind their token', async () => {
  for (const look of looks) {
    const page = await browser.open({ colorScheme: look.colorScheme, locale: look.locale })
    await signIn(page, server.base)
    await shoot(page, `ops-gate-${look.name}`, `${server.base}/ops`, '[data-testid=admin-gate]')
    // The token is forgotten by a reload, so this screen is not asked for by its address.
    await page.getByTestId('admin-token').fill(ADMIN_TOKEN)
    await page.getByTestId('admin-unlock').click()
    await page.getByTestId('database-figures').waitFor()
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height })
      await page.waitForTimeout(350)
      await screenshot(page, `ops-${look.name}-${width}x${height}`)
      found.push(...(await violations(page)).map(rule => `ops-${look.name} ${width}×${height} ${rule}`))
    }
    await page.context().close()
  }
})

test('axe finds nothing', () => {
  assert.deepEqual(found, [])
})

test('nothing went wrong on the way, and nothing asked another host', () => {
  assert.deepEqual([...browser.faults, ...bareBrowser.faults], [])
})

const testId = id => `[data-testid=${id}]`
const PROJECT = '/projects/demo-checkout'
const EMPTY = [
  ['overview', '/', testId('overview')],
  ['projects', '/projects', testId('new-project-empty')],
  ['runs', '/runs', testId('connect-curl')],
  ['timeline', '/timeline', 'h2'],
  ['usage', '/usage', testId('connect-curl')],
  ['agents', '/agents', 'h2'],
  ['connect', '/connect', testId('connect-waiting')],
]
const FULL = [
  ['overview', '/', testId('overview-cost-chart')],
  ['projects-board', '/projects', testId('board-column')],
  ['projects-cards', '/projects?view=cards', testId('project-card')],
  ['projects-table', '/projects?view=table', testId('project-row')],
  ['project-form', '/projects?edit=demo-checkout', testId('project-form')],
  ['project-timeline', PROJECT, testId('timeline-row')],
  ['inspector', `${PROJECT}?open=event:EVENT`, '[data-testid=event-details] .vjs-tree'],
  ['project-runs', `${PROJECT}/runs`, testId('run-row')],
  ['project-usage', `${PROJECT}/usage`, testId('usage-totals')],
  ['project-finance', `${PROJECT}/finance`, testId('finance')],
  ['project-notes', `${PROJECT}/notes`, testId('project-notes-view')],
  ['project-settings', `${PROJECT}/settings`, testId('project-settings')],
  ['runs', '/runs', testId('run-row')],
  ['runs-gantt', '/runs?view=gantt', '[data-testid=runs-toolbar]'],
  ['run', '/runs/run-demo-001', testId('trace-row')],
  ['timeline', '/timeline', testId('timeline-row')],
  ['usage', '/usage', testId('usage-totals')],
  ['agents', '/agents', testId('profile-card')],
  ['profile-form', '/agents?edit=claude-code', testId('record-form')],
  ['capabilities', '/agents/capabilities', testId('capability-row')],
  ['capability-form', '/agents/capabilities?edit=cap-small-steps', testId('code-editor')],
  ['agent-activity', '/agents/activity', 'main h1'],
  ['settings-account', '/settings', 'main h2'],
  ['settings-users', '/settings/users', 'main h2'],
  ['settings-keys', '/settings/keys', 'main h2'],
  ['settings-appearance', '/settings/appearance', 'main h2'],
  ['settings-about', '/settings/about', 'main h2'],
  ['connect', '/connect', testId('connect-event')],
  ['not-found', '/nowhere', 'h1'],
]
