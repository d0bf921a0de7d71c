// @vitest-environment node
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { thirdParties } from './thirdParty'

const packageAt = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as { license?: string, dependencies?: Record<string, string> }

it('names every package of the interface with the licence it carries', () => {
  const names = Object.keys(packageAt('package.json').dependencies ?? {}).sort()
  expect(thirdParties).toEqual(names.map(name => ({ name, licence: packageAt(`node_modules/${name}/package.json`).license })))
})
