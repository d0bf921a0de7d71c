import { describe, expect, it } from 'vitest'
import { renderMarkdown } from './markdown'

describe('renderMarkdown', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '[x](javascript:alert(1))',
    '[x](  JaVaScRiPt:alert(1))',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '![x](https://evil.example/a.png)',
    '<a href="javascript:alert(1)">x</a>',
    '[x](vbscript:msgbox)',
    '<iframe srcdoc="<script>alert(1)</script>">',
    '`</code><script>alert(1)</script>`',
  ])('gives %s no power', source => {
    const host = document.createElement('div')
    host.innerHTML = renderMarkdown(source)
    expect(host.querySelector('script, img, svg, iframe, [onerror], [onload]')).toBeNull()
    for (const link of host.querySelectorAll('a')) expect(link.getAttribute('href') ?? '').toMatch(/^(https?:|mailto:|$)/)
  })

  it('turns a picture into a link', () => {
    expect(renderMarkdown('![chart](https://a.example/c.png)')).toContain('<a href="https://a.example/c.png">chart</a>')
  })

  it('keeps what people write', () => {
    const html = renderMarkdown('Intro\n\n# Plan\n\n- one\n- **two**\n\n| a | b |\n|---|---|\n| 1 | 2 |')
    for (const tag of ['<h1>', '<li>', '<strong>', '<table>']) expect(html).toContain(tag)
  })

  it('shows characters that would turn the text around', () => {
    expect(renderMarkdown('a\u202Eb')).toContain('⟨U+202E⟩')
  })
})
