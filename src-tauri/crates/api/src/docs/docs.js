// Draws /api/openapi.json: every operation with its parameters, bodies and answers. Text is only ever set as text.
'use strict'

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const SCHEMA_DEPTH = 4

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  node.append(...children.filter((child) => child !== undefined && child !== ''))
  return node
}

/** A schema as a person reads it: `{ id: string, tags?: string[] }`. */
function describe(schema, schemas, depth, indent = '') {
  if (!schema || schema === true) return 'any'
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop()
    return depth > 0 ? describe(schemas[name], schemas, depth - 1, indent) : name
  }
  for (const [key, sign] of [['oneOf', ' | '], ['anyOf', ' | '], ['allOf', ' & ']]) {
    if (schema[key]) return schema[key].map((part) => describe(part, schemas, depth, indent)).join(sign)
  }
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(' | ')
  if (schema.type === 'array') return describe(schema.items, schemas, depth, indent) + '[]'
  if (schema.properties) return describeObject(schema, schemas, depth, indent)
  if (Array.isArray(schema.type)) return schema.type.join(' | ')
  return schema.type ?? 'any'
}

function describeObject(schema, schemas, depth, indent) {
  const inner = indent + '  '
  const lines = Object.entries(schema.properties).map(([name, property]) => {
    const mark = schema.required?.includes(name) ? '' : '?'
    return `${inner}${name}${mark}: ${describe(property, schemas, depth, inner)}`
  })
  return `{\n${lines.join('\n')}\n${indent}}`
}

function bodyOf(content, schemas) {
  return Object.entries(content ?? {}).flatMap(([type, { schema }]) => [
    element('p', {}, element('code', {}, type)),
    element('pre', { tabindex: '0' }, describe(schema, schemas, SCHEMA_DEPTH)),
  ])
}

function parametersOf(operation, schemas) {
  if (!operation.parameters?.length) return []
  const rows = operation.parameters.map((parameter) =>
    element(
      'tr',
      {},
      element('td', {}, element('code', {}, parameter.name)),
      element('td', {}, parameter.in),
      element('td', {}, describe(parameter.schema, schemas, 1)),
      element('td', {}, parameter.description ?? ''),
    ),
  )
  return [element('h4', {}, 'Parameters'), element('table', {}, ...rows)]
}

function callersOf(operation) {
  const ways = (operation.security ?? []).map((way) => Object.keys(way)[0] ?? 'open mode, from this machine')
  return element('p', {}, ways.length ? `Callers: ${ways.join(', ')}` : 'Callers: anybody')
}

function articleOf(id, method, path, operation, schemas) {
  const answers = Object.entries(operation.responses ?? {}).flatMap(([status, answer]) => [
    element('h4', {}, status === 'default' ? 'Failures' : `${status} ${answer.description}`),
    ...bodyOf(answer.content, schemas),
  ])
  const request = operation.requestBody
    ? [element('h4', {}, 'Body'), ...bodyOf(operation.requestBody.content, schemas)]
    : []
  const summary = element(
    'summary',
    {},
    element('span', { class: 'method' }, method.toUpperCase()),
    element('code', {}, path),
    element('span', {}, operation.summary ?? ''),
  )
  const inside = element('div', {}, callersOf(operation), ...parametersOf(operation, schemas), ...request, ...answers)
  return element('article', { id }, element('details', {}, summary, inside))
}

function draw(description) {
  const schemas = description.components.schemas
  const groups = new Map(description.tags.map(({ name }) => [name, []]))
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of METHODS.filter((method) => item[method])) {
      const operation = item[method]
      groups.get(operation.tags[0]).push({ method, path, operation, id: operation.operationId })
    }
  }
  const index = document.getElementById('index')
  const main = document.getElementById('operations')
  main.replaceChildren()
  for (const [tag, operations] of groups) {
    index.append(element('h2', {}, tag))
    main.append(element('h2', {}, tag))
    for (const { method, path, operation, id } of operations) {
      const sign = element('span', { class: 'method' }, method.toUpperCase())
      index.append(element('a', { href: `#${id}`, 'data-text': `${method} ${path}` }, sign, path))
      main.append(articleOf(id, method, path, operation, schemas))
    }
  }
}

function openTarget() {
  const article = document.getElementById(location.hash.slice(1))
  article?.querySelector('details').setAttribute('open', '')
  article?.scrollIntoView()
}

function filter(event) {
  const word = event.target.value.toLowerCase()
  for (const link of document.querySelectorAll('[data-text]')) {
    link.hidden = !link.dataset.text.toLowerCase().includes(word)
  }
}

async function start() {
  const answer = await fetch('/api/openapi.json')
  draw(await answer.json())
  document.getElementById('filter').addEventListener('input', filter)
  addEventListener('hashchange', openTarget)
  openTarget()
}

start().catch((error) => {
  document.getElementById('operations').textContent = `The description could not be read: ${error.message}`
})
