// Starts the real server on a free port with a folder of its own, and a real browser against it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'

const here = dirname(fileURLToPath(import.meta.url))
const exe = process.platform === 'win32' ? '.exe' : ''
const SERVER = process.env.PILOTDECK_SERVER ?? resolve(here, `../../target/debug/pilotdeck-server${exe}`)
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const SCREENSHOTS = resolve(here, '../../screenshots')
const ARGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
]

/** With `demo`: filled with a month of a small team's work. `env` adds variables. */
export async function startServer({ demo = false, env: more = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'pilotdeck-e2e-'))
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const env = { ...process.env, PM_PORT: String(port), PM_HOST: '127.0.0.1', PM_DB_FILE: join(folder, 'pm.db') }
  for (const name of ['PM_AGENT_TOKEN', 'PM_ADMIN_TOKEN', 'PM_AGENT_OPEN_PROJECTS']) delete env[name]
  Object.assign(env, more)
  if (demo) await once(spawn(SERVER, ['demo'], { env, cwd: folder, stdio: 'ignore' }), 'exit')
  let child = await launch()

  async function launch() {
    const started = spawn(SERVER, [], { env, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    await untilHealthy(base, started)
    return started
  }

  async function stop() {
    if (child.exitCode !== null) return
    const gone = new Promise(done => child.once('exit', done))
    child.kill('SIGTERM')
    await gone
  }

  return {
    base,
    folder,
    stop,
    async restart() { child = await launch() },
    async close() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A browser, and a page that notes every fault: script errors, policy violations, requests to other hosts. */
export async function startBrowser(base) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS })
  const faults = []

  async function open(options = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light', locale: 'en', ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    page.on('pageerror', error => faults.push(`script: ${error.message}`))
    page.on('console', message => {
      if (/Content Security Policy|\[Vue warn\]|\[intlify\]/.test(message.text())) faults.push(`console: ${message.text()}`)
    })
    page.on('request', request => {
      const url = request.url()
      if (!url.startsWith(`${base}/`) && !url.startsWith('data:') && !url.startsWith('blob:')) faults.push(`foreign request: ${url}`)
    })
    return page
  }

  return { open, faults, close: () => browser.close() }
}

export async function signIn(page, base) {
  await page.goto(`${base}/`)
  await page.getByTestId('sign-in-username').fill('admin')
  await page.getByTestId('sign-in-password').fill('admin')
  await page.getByTestId('sign-in-submit').click()
  await page.getByTestId('status-strip').waitFor()
}

/** As an agent would: no Origin, no cookie. */
export async function post(base, path, body) {
  const answer = await fetch(base + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const json = await answer.json()
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(json)}`)
  return json
}

export async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page }).analyze()
  return found.map(rule => `${rule.id}: ${rule.nodes.map(node => node.target.join(' ')).join(', ')}`)
}

export async function screenshot(page, name) {
  await mkdir(SCREENSHOTS, { recursive: true })
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
}

async function untilHealthy(base, child) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const answer = await fetch(`${base}/api/health`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise(done => setTimeout(done, 100))
  }
  throw new Error('the server did not answer in time')
}

function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}
