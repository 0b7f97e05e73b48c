import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginStage, type StagedTenant } from '../../support/plugin-stage.ts'

/** Says as its verdict's note what an expression comes to inside the isolate. */
const PLUGIN = `
import { abstain, definePlugin } from 'bulkhead/plugin'
const FUNCTIONS = [() => 1, async () => 1, function* () {}, async function* () {}]
const GROWING = ['resize', 'transfer', 'transferToFixedLength', 'transferToImmutable']
const EXPRESSIONS = {
  unknown: ({ known }) => Reflect.ownKeys(globalThis).filter((name) => !known.includes(name)).join(),
  missing: ({ known }) => known.filter((name) => !(name in globalThis)).join(),
  functions: () => FUNCTIONS.map((each) => typeof each.constructor).join(),
  growing: () => GROWING.filter((name) => name in ArrayBuffer.prototype).join(),
  options: () => String(new ArrayBuffer(8, { maxByteLength: 1e6 }).resizable),
  buffer: () => String(new Uint8Array(new ArrayBuffer(8)).buffer instanceof ArrayBuffer),
  view: () => String(ArrayBuffer.isView(new DataView(new ArrayBuffer(8)))),
  own: () => JSON.stringify({ toJSON: () => 'mine' }),
  date: () => JSON.stringify(new Date(0)),
  inherited: () => {
    try {
      Object.defineProperty(Object.prototype, 'toJSON', { value: () => 'all' })
      return 'defined'
    } catch {
      return 'refused'
    }
  },
}
export default definePlugin({
  authorizePublish: (event) => abstain(EXPRESSIONS[event.topic](event)),
})`

/** Written out, so that a global that a new engine brings is noticed. */
const KNOWN = `
  AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean
  DataView Date DisposableStack Error EvalError Float16Array Float32Array Float64Array Infinity
  Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy
  RangeError ReferenceError Reflect RegExp Set String SuppressedError Symbol SyntaxError TypeError
  URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet console decodeURI
  decodeURIComponent encodeURI encodeURIComponent escape globalThis isFinite isNaN parseFloat
  parseInt undefined unescape
`
  .trim()
  .split(/\s+/)

async function says(tenant: StagedTenant, expression: string): Promise<string> {
  const { verdict } = await tenant.ask('authorizePublish', { topic: expression, known: KNOWN })
  assert.ok(verdict?.verdict === 'abstain')
  return verdict.note ?? ''
}

test('the isolate has the globals that a decision needs and no others', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN))
  assert.equal(await says(tenant, 'unknown'), '')
  assert.equal(await says(tenant, 'missing'), '')
})

test('no function leads to code from text, no buffer grows', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN))
  assert.equal(await says(tenant, 'functions'), 'undefined,undefined,undefined,undefined')
  assert.equal(await says(tenant, 'growing'), '')
  assert.equal(await says(tenant, 'options'), 'undefined')
  assert.equal(await says(tenant, 'buffer'), 'true')
  assert.equal(await says(tenant, 'view'), 'true')
})

test('an own toJSON stays the author’s, an inherited one cannot be planted', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN))
  assert.equal(await says(tenant, 'own'), '"mine"')
  assert.equal(await says(tenant, 'date'), '"1970-01-01T00:00:00.000Z"')
  assert.equal(await says(tenant, 'inherited'), 'refused')
})
