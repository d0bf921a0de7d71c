import { expect, it } from 'vitest'
import { answerError, toApiError } from './errors'
import { requestFor } from './http'

it('builds the address from id and filter, leaving out what is empty', () => {
  expect(requestFor('get_project', { id: 'a/b c' }).url).toBe('/api/projects/a%2Fb%20c')
  expect(requestFor('list_events', { filter: { projectId: 'p', type: '', q: undefined, limit: 5 } }).url)
    .toBe('/api/agent/events?projectId=p&limit=5')
})

it('sends bodies as JSON and none with GET', () => {
  expect(requestFor('update_project', { id: 'p', body: { progress: 5 } }).init)
    .toEqual({ method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"progress":5}' })
  expect(requestFor('reorder_projects', { ids: ['b', 'a'] }).init.body).toBe('{"ids":["b","a"]}')
  expect(requestFor('get_meta', {}).init).toEqual({ method: 'GET' })
})

it.each([
  [undefined, 0, 'unreachable'],
  [{ success: false, code: 'conflict', error: 'x', message: 'x' }, 409, 'conflict'],
  ['a text of Tauri', 500, 'internal'],
])('names the failure %j', (body, status, code) => { expect(toApiError(body, status).code).toBe(code) })

it('does not take a refused admin token for the end of the session', () => {
  const body = { success: false, code: 'unauthorized', error: 'x', message: 'x' }
  expect(answerError('/api/admin/database', body, 401)).toMatchObject({ code: 'admin_token_refused', status: 403 })
  expect(answerError('/api/projects', body, 401)).toMatchObject({ code: 'unauthorized', status: 401 })
})
