import type { AgentEvent } from '../types'

const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

/** The server's text search for one event: every word begins some word of it; Chinese is found anywhere. */
export function searchTest(q: string): (event: AgentEvent) => boolean {
  const tests = q.toLowerCase().split(/\s+/).filter(Boolean).map(termTest)
  return event => {
    const text = textOf(event)
    return tests.every(test => test(text))
  }
}

function termTest(term: string): (text: string) => boolean {
  if (IDEOGRAPHS.test(term)) return text => text.includes(term)
  return text => {
    for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1)) {
      if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return true
    }
    return false
  }
}

function textOf(event: AgentEvent): string {
  return [event.title, event.message, event.type, event.agentId, ...scalarsOf(event.data)].filter(Boolean).join('\n').toLowerCase()
}

function scalarsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(scalarsOf)
}
