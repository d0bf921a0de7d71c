// Operations: the gate, a backup and back again, an unsound file, the integrity check, a deploy.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { signIn, startBrowser, startServer } from './harness.mjs'

const TOKEN = 'admin-0123456789abcdef'
let server, browser, page, folder
const named = id => page.getByTestId(id)
const field = id => page.locator(`input[data-testid=${id}], [data-testid=${id}] input`)

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotdeck-ops-'))
  const script = join(folder, 'deploy.sh')
  await writeFile(script, '#!/bin/sh\necho building\nsleep 1\necho done of it\n')
  await chmod(script, 0o700)
  server = await startServer({ env: { PM_ADMIN_TOKEN: TOKEN, PM_DEPLOY_SCRIPT: script } })
  browser = await startBrowser(server.base)
  page = await browser.open()
  await signIn(page, server.base)
  await make('apollo', 'Apollo')
})
after(async () => {
  await browser?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

async function make(id, name) {
  await page.evaluate(body => fetch('/api/projects', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }), JSON.stringify({ id, name }))
}
async function unlock() {
  await field('admin-token').fill(TOKEN)
  await named('admin-unlock').click()
  await named('database-figures').waitFor()
}
async function restore() {
  await named('restore-report').waitFor()
  assert.equal(await named('restore-now').isEnabled(), false, 'the word comes first')
  await field('restore-word').fill('restore')
  await named('restore-now').click()
}

test('a wrong token opens nothing, and the right one is forgotten by a reload', async () => {
  await named('nav-ops').click()
  await field('admin-token').fill('wrong')
  await named('admin-unlock').click()
  await named('admin-gate-failure').waitFor()
  await unlock()
  await page.reload()
  await named('admin-gate').waitFor()
  await unlock()
})

test('the database is checked', async () => {
  await named('integrity-check').click()
  await named('integrity-ok').waitFor()
  assert.match(await named('database-figures').innerText(), /pm\.db/)
})

let backup
test('a backup is downloaded', async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), named('backup-save').click()])
  assert.match(download.suggestedFilename(), /^pm_backup_\d{8}T\d{6}Z\.db$/)
  backup = join(folder, 'backup.db')
  await download.saveAs(backup)
  assert.equal((await readFile(backup)).subarray(0, 15).toString(), 'SQLite format 3')
})

test('a file that is no backup is refused with a sentence, and nothing is replaced', async () => {
  const broken = join(folder, 'broken.db')
  await writeFile(broken, 'SQLite format 3\0 but not really')
  await named('restore-file').setInputFiles(broken)
  await named('restore-failure').waitFor()
  assert.equal(await named('restore-now').isEnabled(), false)
  await page.getByRole('button', { name: 'Cancel' }).click()
})

test('a restore shows what the file holds, asks for the word, and says where the database of before is', async () => {
  await make('later', 'Made after the backup')
  await named('restore-file').setInputFiles(backup)
  await named('restore-report').waitFor()
  assert.match(await named('restore-report').innerText(), /projects[\s\S]*1/)
  await restore()
  // Everybody is signed out; the name is still seen there.
  await named('sign-in-submit').waitFor()
  await page.getByText(/pm\.db\.bak\./).first().waitFor()
  await signIn(page, server.base)
  const ids = await page.evaluate(async () => (await (await fetch('/api/projects')).json()).data.map(project => project.id))
  assert.deepEqual(ids, ['apollo'])
})

test('one click goes back to the database of before', async () => {
  await page.goto(`${server.base}/ops`)
  await unlock()
  await named('stored-restore').first().click()
  await restore()
  await named('sign-in-submit').waitFor()
  await signIn(page, server.base)
  const ids = await page.evaluate(async () => (await (await fetch('/api/projects')).json()).data.map(project => project.id))
  assert.deepEqual(ids.toSorted(), ['apollo', 'later'])
})

test('a deploy runs, and its log is followed', async () => {
  await page.goto(`${server.base}/ops`)
  await unlock()
  await named('deploy-start').click()
  await named('deploy-confirm').click()
  await named('deploy-log').getByText('building').waitFor()
  await page.locator('[data-testid=deploy-status][data-state=success]').waitFor()
  await named('deploy-log').getByText('done of it').waitFor()
})

test('nothing went wrong on the way, and nothing asked another host', () => {
  assert.deepEqual(browser.faults, [])
})
