/**
 * Agents' text can hold characters that hide or turn around what follows. They are data, so they are shown.
 * Joiners (U+200C, U+200D) stay: scripts and emoji need them.
 */
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const HIDDEN = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g

/** For text of several lines: keeps line breaks and tabs. */
export function visibleText(text: string | null | undefined): string {
  return (text ?? '').replaceAll('\r\n', '\n').replace(HIDDEN, mark)
}

/** For one line: line breaks and tabs are marked too. */
export function visibleLine(text: string | null | undefined): string {
  return visibleText(text).replaceAll('\n', '␊').replaceAll('\t', '␉')
}

/** The same for every text inside a JSON value, keys included. */
export function visibleJson(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value)
  if (Array.isArray(value)) return value.map(visibleJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [visibleLine(key), visibleJson(inner)]))
}

function mark(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7F) return '␡'
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}
