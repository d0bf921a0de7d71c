import { answerError, toApiError } from './errors'
import { searchOf } from './query'
import type { Answer, FilesDoor, Progress, RestoreData, RestoreReport, SavedFile } from './types'

type Headers = Record<string, string>

/** Downloads and uploads of a browser. `adminHeaders` are those of the moment of the call. */
export function httpFiles(adminHeaders: () => Headers): FilesDoor {
  const save = (url: string, progress: Progress = () => undefined) => download(url, adminHeaders(), progress)
  const send = <T>(url: string, file: File | undefined, progress: Progress) => {
    if (!file) throw new Error('a browser chooses the file in the page')
    return upload<T>(url, file, adminHeaders(), progress)
  }
  return {
    picksInPage: true,
    saveBackup: progress => save('/api/admin/backup', progress),
    saveStoredBackup: (name, progress) => save(`/api/admin/backups/${encodeURIComponent(name)}`, progress),
    saveUsage: filter => save(`/api/agent/usage.csv${searchOf(filter)}`),
    inspectBackup: (file, progress) => send<RestoreReport>('/api/admin/restore/inspect', file, progress),
    restoreBackup: (file, progress) => send<RestoreData>('/api/admin/restore', file, progress),
  }
}

async function download(url: string, headers: Headers, progress: Progress): Promise<SavedFile> {
  let response: Response
  try { response = await fetch(url, { headers, credentials: 'same-origin' }) }
  catch { throw toApiError(undefined, 0) }
  if (!response.ok || !response.body) throw answerError(url, await response.json().catch(() => undefined), response.status)
  const total = Number(response.headers.get('Content-Length') ?? 0)
  let done = 0
  const counted = response.body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      done += chunk.byteLength
      progress(done, total)
      controller.enqueue(chunk)
    },
  }))
  const fileName = nameIn(response.headers.get('Content-Disposition')) ?? url.split(/[/?]/).findLast(part => part.includes('.')) ?? 'pilotdeck'
  try { handOver(await new Response(counted).blob(), fileName) }
  catch { throw toApiError(undefined, 0) }
  return { fileName }
}

function nameIn(disposition: string | null): string | undefined {
  return /filename="?([^";]+)"?/.exec(disposition ?? '')?.[1]
}

function handOver(blob: Blob, fileName: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = fileName
  link.click()
  // The browser has taken hold of the blob once the click was handled.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** By XMLHttpRequest: fetch tells nothing about how far an upload is. */
function upload<T>(url: string, file: File, headers: Headers, progress: Progress): Promise<T> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.responseType = 'json'
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.upload.addEventListener('progress', event => progress(event.loaded, event.total))
    request.addEventListener('error', () => fail(toApiError(undefined, 0)))
    request.addEventListener('load', () => {
      const body: unknown = request.response
      if (request.status < 300 && body) done((body as Answer<T>).data)
      else fail(answerError(url, body, request.status))
    })
    request.send(file)
  })
}
