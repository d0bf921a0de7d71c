import { expect, it } from 'vitest'
import { openableUrl, targetOf } from './link'

it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x', '//host', 'E:/work/app', '', null])(
  'does not open %j', text => { expect(openableUrl(text)).toBeUndefined() })

it.each([
  ['https://github.com/a/b', 'github.com'],
  ['https://github.com@evil.example/a', 'evil.example'],
  ['http://127.0.0.1:8689/x', '127.0.0.1:8689'],
  ['mailto:a@b.example', 'a@b.example'],
])('names the real target of %s', (text, target) => {
  const url = openableUrl(text)
  expect(url && targetOf(url)).toBe(target)
})
