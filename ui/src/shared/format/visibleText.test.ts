import { describe, expect, it } from 'vitest'
import { visibleJson, visibleLine, visibleText } from './visibleText'

describe('visibleText', () => {
  it.each([
    ['plain text, 中文, emoji 👩‍💻', 'plain text, 中文, emoji 👩‍💻'],
    ['safe\u202Egnp.exe', 'safe⟨U+202E⟩gnp.exe'],
    ['\u001B[31mred', '␛[31mred'],
    ['a\u0000b', 'a␀b'],
    ['zero\u200Bwidth', 'zero⟨U+200B⟩width'],
    ['lines\r\nstay\tas they are', 'lines\nstay\tas they are'],
    [null, ''],
  ])('shows %j', (text, shown) => { expect(visibleText(text)).toBe(shown) })

  it('marks line breaks where there is one line only', () => {
    expect(visibleLine('a\nb\tc')).toBe('a␊b␉c')
  })

  it('reaches every text of a JSON value', () => {
    expect(visibleJson({ 'k\u202E': ['x\u0007', 1, null] })).toEqual({ 'k⟨U+202E⟩': ['x␇', 1, null] })
  })
})
