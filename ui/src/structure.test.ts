// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

/** pages → features → shared, features → api → transport. A feature never imports another; a page composes them. */
const rooms: Record<string, string[]> = {
  pages: ['pages', 'features', 'shared', 'api', 'i18n'],
  features: ['shared', 'api', 'i18n'],
  shared: ['shared', 'i18n'],
  api: ['api', 'transport'],
  transport: ['transport', 'api/schema.gen'],
  i18n: ['i18n', 'api/types'],
}
const files = filesIn('src').filter(path => /\.(vue|ts)$/.test(path) && !path.includes('.test.') && !path.includes('.gen.'))

describe('rooms', () => {
  it.each(files)('%s imports only what it may', path => {
    const [, room = '', noun = ''] = path.split(sep)
    const allowed = rooms[room]
    if (!allowed) return
    for (const target of importsOf(path)) {
      const own = room === 'features' && target.startsWith(`features/${noun}/`)
      expect(own || allowed.some(other => target === other || target.startsWith(`${other}/`)), `${path} imports ${target}`).toBe(true)
    }
  })

  it.each(files.filter(path => path.endsWith('.vue')))('%s has at most 150 lines', path => {
    expect(readFileSync(path, 'utf8').split('\n').length - 1).toBeLessThanOrEqual(150)
  })

  it.each(files.filter(path => path.endsWith('.vue')))('%s names no colour', path => {
    expect(readFileSync(path, 'utf8')).not.toMatch(/#[0-9a-f]{6}\b|\brgba?\(|\boklch\(/i)
  })
})

/** Targets below src of what a file imports, by `@/` or relatively. */
function importsOf(path: string): string[] {
  const names = [...readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] ?? '')
  return names.flatMap(name => {
    if (name.startsWith('@/')) return [name.slice(2)]
    if (!name.startsWith('.')) return []
    return [normalize(join(path, '..', name)).split(sep).slice(1).join('/')]
  })
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap(entry => entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)])
}
