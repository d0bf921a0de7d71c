// @vitest-environment node
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import openapi, { astToString } from 'openapi-typescript'
import { expect, it } from 'vitest'

it('schema.gen.ts is what openapi.json gives; if not: npm run gen:api', async () => {
  const made = astToString(await openapi(pathToFileURL('openapi.json'), { alphabetize: true }))
  const kept = readFileSync('src/api/schema.gen.ts', 'utf8')
  // The command line tool writes a banner above.
  expect(kept.slice(kept.indexOf('export interface paths'))).toBe(made.slice(made.indexOf('export interface paths')))
})
