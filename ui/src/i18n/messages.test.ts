import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, type TemplateChildNode } from '@vue/compiler-dom'
import { describe, expect, it } from 'vitest'
import en from './en'
import zh from './zh-CN'

const sources = filesIn('src').filter(path => /\.(vue|ts)$/.test(path) && !/\.(test|gen|gen\.d)\.ts$/.test(path))
const texts = new Map(sources.map(path => [path, readFileSync(path, 'utf8')]))
const keys = leavesOf(en)

describe('messages', () => {
  it('have each top-level key in one file', () => {
    const files = filesIn('src/i18n/en').filter(path => path.endsWith('.json'))
    const names = files.flatMap(path => Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object))
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('have the same keys in both languages', () => {
    expect([...leavesOf(zh).keys()].sort()).toEqual([...keys.keys()].sort())
  })

  it('have the same placeholders in both languages', () => {
    const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(match => match[1]))].sort()
    for (const [key, text] of leavesOf(zh)) expect(placeholders(text), key).toEqual(placeholders(keys.get(key) ?? ''))
  })

  it('hold every key that is asked for', () => {
    for (const [path, text] of texts) {
      for (const [, key] of text.matchAll(/(?<![\w.])t\(\s*'([^']+)'/g)) expect(keys.has(key!), `${path}: ${key}`).toBe(true)
    }
  })

  it('hold no key that nobody names', () => {
    const named = new Set([...texts.values()].flatMap(text => [...text.matchAll(/['"]([\w]+(?:\.[\w]+)+)['"]/g)].map(match => match[1])))
    expect([...keys.keys()].filter(key => !named.has(key))).toEqual([])
  })
})

describe('templates', () => {
  const components = [...texts].filter(([path]) => path.endsWith('.vue'))

  it.each(components)('hold no text of their own: %s', (_path, text) => {
    const template = /<template>([\s\S]*)<\/template>/.exec(text)?.[1] ?? ''
    expect(rawTexts(parse(template).children)).toEqual([])
  })
})

const SPOKEN_ATTRIBUTES = new Set(['title', 'label', 'aria-label', 'placeholder', 'alt', 'description'])

/** Text nodes and spoken attributes with letters in them. */
function rawTexts(nodes: readonly TemplateChildNode[]): string[] {
  return nodes.flatMap(node => {
    if (node.type === 2) return /\p{L}/u.test(node.content) ? [node.content.trim()] : []
    if (node.type !== 1) return []
    const spoken = node.props.flatMap(prop =>
      prop.type === 6 && SPOKEN_ATTRIBUTES.has(prop.name) && /\p{L}/u.test(prop.value?.content ?? '') ? [`${prop.name}="${prop.value?.content}"`] : [])
    return [...spoken, ...rawTexts(node.children)]
  })
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap(entry => entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)])
}

function leavesOf(tree: object, prefix = ''): Map<string, string> {
  return new Map(Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value] as const] : [...leavesOf(value as object, `${prefix}${key}.`)]))
}
