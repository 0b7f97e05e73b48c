import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallBudget } from '../../../../sandbox/host/capabilities/call-budget.ts'
import { queryPower } from '../../../../sandbox/host/capabilities/query.ts'
import type { QueryPort } from '../../../../sandbox/host/source-ports.ts'
import { DEFAULT_LIMITS } from '../../../../sandbox/limits.ts'
import { call, holder } from '../../../support/holder.ts'

function opened(answer: Awaited<ReturnType<QueryPort['run']>>, atOnce = 4) {
  const asked: unknown[][] = []
  const run: QueryPort['run'] = (tenant, name, parameters, mostBytes) => {
    asked.push([tenant, name, { ...parameters }, mostBytes])
    return Promise.resolve(answer)
  }
  const budget = new CallBudget('questions to sources', atOnce, 3)
  const power = queryPower(holder({ grant: { names: ['find'] } }), { run }, budget)
  const ask = (parameters: unknown, name: unknown = 'find') => call(power, { name, parameters })
  return { ask, asked }
}

test('a query is asked by its name with the values, and its rows cross as plain data', async () => {
  const { ask, asked } = opened([{ n: 1, text: 'x', none: null, raw: new Uint8Array([0, 255]) }])
  assert.deepEqual(await ask({ user: "o'b", n: 1.5, yes: true, none: null }), [
    { n: 1, text: 'x', none: null, raw: { bytes64: 'AP8=' } },
  ])
  const bytes = DEFAULT_LIMITS.sourceKiB * 1024
  assert.deepEqual(asked, [['acme', 'find', { user: "o'b", n: 1.5, yes: true, none: null }, bytes]])
})

test('nothing but scalars of bounded size leaves for a source', async () => {
  const { ask, asked } = opened([])
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, place) => [`p${place}`, place]))
  const wrong = [
    { a: ['x'] },
    { a: {} },
    { a: 'x'.repeat(4097) },
    { a: 'x\u0000' },
    { a: '\ud800' },
    many,
    [],
    7,
  ]
  for (const parameters of wrong) await assert.rejects(ask(parameters), { code: 'invalid' })
  await assert.rejects(ask({}, ''), { code: 'invalid' })
  await assert.rejects(ask({}, 7), { code: 'invalid' })
  assert.deepEqual(asked, [])
})

test('a query that was not granted is not asked, whatever it is called', async () => {
  const { ask, asked } = opened([])
  for (const name of ['other', 'constructor', '__proto__', 'FIND']) {
    await assert.rejects(ask({}, name), { code: 'notAllowed' })
  }
  assert.deepEqual(asked, [])
})

test('a failure is told in the words of the source’s port, and counts like an answer', async () => {
  const { ask } = opened({ failure: 'unavailable', why: 'not there' })
  for (const n of [1, 2, 3]) await assert.rejects(ask({ n }), { code: 'unavailable', message: 'not there' })
  await assert.rejects(ask({}), { code: 'limit' })
})
