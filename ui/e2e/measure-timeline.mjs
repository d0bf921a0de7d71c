// Measures the timeline in a real browser on a real server: 100,000 events scrolled through, and 1,000 a second live.
// `npm run measure`. Figures to read, not to assert: they depend on the machine and on what else it does.
import { cpus, loadavg } from 'node:os'
import { post, signIn, startBrowser, startServer } from './harness.mjs'

const EVENTS = Number(process.env.MEASURE_EVENTS ?? 100_000)
const PER_SECOND = 1000
const SECONDS = Number(process.env.MEASURE_SECONDS ?? 20)
const ROW = 36
const rows = []
let busySeconds

const types = ['note', 'result', 'error', 'milestone', 'action']
const levels = ['info', 'info', 'error', 'info', 'warn']
const words = ['Cart index added', 'Load test at 40 users', 'Rounding differs by a cent', '修复了登录页面的超时问题', '412 tests passed in 38.2 s']

function anEvent(index) {
  return {
    projectId: `project-${index % 12}`, runId: `run-${Math.floor(index / 40)}`, agentId: ['claude-code', 'codex-cli', 'gemini-cli'][index % 3],
    type: types[index % 5], level: levels[index % 5], title: `${words[index % 5]} ${index}`,
    message: index % 2 ? 'Seen while profiling the cart. Noted for the summary.' : undefined, data: { tool: 'edit', file: `src/file-${index % 97}.ts`, added: index % 50 },
  }
}

const server = await startServer({ demo: true })
const browser = await startBrowser(server.base)
try {
  for (let from = 0; from < EVENTS; from += 1000) {
    const events = Array.from({ length: Math.min(1000, EVENTS - from) }, (_, index) => anEvent(from + index))
    await post(server.base, '/api/agent/events', { events })
  }
  const page = await browser.open()
  await page.addInitScript(recorder)
  // Processor time of the page's main thread: what the page itself costs, however busy the machine is beside it.
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  busySeconds = async () => (await cdp.send('Performance.getMetrics')).metrics.find(metric => metric.name === 'TaskDuration').value
  await signIn(page, server.base)
  await page.goto(`${server.base}/timeline`)
  await page.getByTestId('timeline-row').first().waitFor()
  await page.locator('[data-testid=status-strip][data-live=live]').waitFor()

  await measure(page, 'at rest, 3 s', () => page.waitForTimeout(3000))
  await measure(page, 'wheel, 3,600 px/s, 10 s', () => scroll(page, 60, 600))
  await measure(page, `read to the end, ${EVENTS.toLocaleString('en')} events`, () => scroll(page, 1500, Infinity))
  const loaded = Number(await page.getByTestId('timeline').getAttribute('data-rows'))
  await measure(page, 'jumps over all of it, one each 50 ms, 5 s', () => jumps(page))
  const heap = await page.evaluate(() => performance.memory?.usedJSHeapSize ?? 0)
  const inDom = await page.getByTestId('timeline-row').count()

  const far = new Date(Date.now() - 20 * 86_400_000).toISOString().slice(0, 10)
  const jumped = Date.now()
  await page.goto(`${server.base}/timeline?to=${far}`)
  await page.getByTestId('timeline-row').first().waitFor()
  const jumpMs = Date.now() - jumped

  await page.goto(`${server.base}/timeline`)
  await page.getByTestId('timeline-row').first().waitFor()
  await page.locator('[data-testid=status-strip][data-live=live]').waitFor()
  await scroll(page, 3000, Infinity)
  await measure(page, `live at ${PER_SECOND}/s below ${EVENTS.toLocaleString('en')} rows, scrolled`, () => flood())
  const waiting = await page.getByTestId('timeline-new').innerText().catch(() => 'none')
  await page.getByTestId('timeline-new').click().catch(() => undefined)
  await measure(page, `live at ${PER_SECOND}/s, at the top`, () => flood())
  await page.getByRole('searchbox').click()
  const typed = await measure(page, `live at ${PER_SECOND}/s, typing a search`, () => Promise.all([flood(), typing(page)]))

  console.log(`\n${cpus().length} cores, load ${loadavg().map(load => load.toFixed(1)).join(' ')}; ${loaded.toLocaleString('en')} rows read, ${inDom} in the document, ${Math.round(heap / 1e6)} MB of heap`)
  console.log(`a day far back by its address: ${jumpMs} ms with loading the page; held back while scrolled: ${waiting.trim()}\n`)
  console.table(Object.fromEntries(rows.map(({ name, ...figures }) => [name, figures])))
  console.log(`letter to next frame: p50 ${typed.p50} ms, p95 ${typed.p95} ms, worst ${typed.worst} ms over ${typed.count} letters`)
  if (browser.faults.length > 0) console.log('faults:', browser.faults)
}
finally {
  await browser.close()
  await server.close()
}

/** Runs in the page. */
function recorder() {
  const record = { frames: [], tasks: [], letters: [] }
  window.pdRecord = record
  let last = performance.now()
  const frame = now => {
    record.frames.push(now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  new PerformanceObserver(list => { for (const task of list.getEntries()) record.tasks.push(task.duration) }).observe({ type: 'longtask' })
  addEventListener('keydown', event => {
    // The frame after the next has it drawn.
    requestAnimationFrame(() => requestAnimationFrame(() => record.letters.push(performance.now() - event.timeStamp)))
  }, true)
}

async function measure(page, name, act) {
  await page.evaluate(() => { for (const list of Object.values(window.pdRecord)) list.length = 0 })
  const [began, busyBefore] = [performance.now(), await busySeconds()]
  await act()
  const [took, busy] = [performance.now() - began, 1000 * (await busySeconds() - busyBefore)]
  const { frames, tasks, letters } = await page.evaluate(() => window.pdRecord)
  const share = over => `${(100 * frames.filter(frame => frame > over).length / frames.length).toFixed(1)} %`
  rows.push({
    name, frames: frames.length, p50: at(frames, 0.5), p95: at(frames, 0.95), worst: at(frames, 1),
    // A frame that the clock rounds up is not late.
    '>16.7': share(17.5), '>33': share(33.4), 'longest task': at(tasks, 1), 'long tasks': tasks.length,
    'CPU/frame': Math.round(10 * busy / frames.length) / 10, 'CPU': `${Math.round(100 * busy / took)} %`,
  })
  console.log(name, JSON.stringify(rows.at(-1)))
  return { p50: at(letters, 0.5), p95: at(letters, 0.95), worst: at(letters, 1), count: letters.length }
}

function at(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10
}

/** So many pixels each frame, until so many frames or until all is read. */
function scroll(page, step, frames) {
  return page.evaluate(({ step, frames, end }) => new Promise(done => {
    const list = document.querySelector('[data-testid=timeline]')
    let left = frames
    let still = 0
    const move = () => {
      const before = list.scrollTop
      list.scrollTop += step
      still = list.scrollTop === before ? still + 1 : 0
      left -= 1
      // At the end of what is read it waits for the next page, 3 seconds at most.
      if (left <= 0 || still > 180 || list.scrollTop > end) done()
      else requestAnimationFrame(move)
    }
    move()
  }), { step, frames: frames === Infinity ? 1e9 : frames, end: EVENTS * ROW })
}

function jumps(page) {
  return page.evaluate(() => new Promise(done => {
    const list = document.querySelector('[data-testid=timeline]')
    let left = 100
    const timer = setInterval(() => {
      list.scrollTop = Math.random() * list.scrollHeight
      left -= 1
      if (left <= 0) { clearInterval(timer); done() }
    }, 50)
  }))
}

/** Ten batches a second. */
async function flood() {
  const end = Date.now() + SECONDS * 1000
  let next = Date.now()
  let index = 0
  const answers = []
  while (Date.now() < end) {
    const events = Array.from({ length: PER_SECOND / 10 }, () => anEvent(index++))
    answers.push(post(server.base, '/api/agent/events', { events }))
    next += 100
    await new Promise(done => setTimeout(done, Math.max(0, next - Date.now())))
  }
  await Promise.all(answers)
}

async function typing(page) {
  const end = Date.now() + SECONDS * 1000
  while (Date.now() < end - 2000) {
    for (const letter of 'index') {
      await page.keyboard.press(letter)
      await page.waitForTimeout(140)
    }
    for (let letter = 0; letter < 5; letter += 1) {
      await page.keyboard.press('Backspace')
      await page.waitForTimeout(90)
    }
  }
}
