import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kvPower } from '../../../../sandbox/host/capabilities/kv.ts'
import type { Holder, Power } from '../../../../sandbox/host/capabilities/power.ts'
import { CALL_RESULT_CHARS, DEFAULT_LIMITS } from '../../../../sandbox/limits.ts'
import { MemoryKv } from '../../../../src/engine/memory/memory-kv.ts'
import { call as rawCall, holder } from '../../../support/holder.ts'

function opened(change: Partial<Holder> = {}, store = new MemoryKv()): { power: Power; store: MemoryKv } {
  return { power: kvPower(holder({ grant: { bytes: 1 << 20 }, ...change }), store), store }
}

/** As the guest does it: a value crosses, and comes back, as the text that it is written with. */
async function call(power: Power, argument: unknown): Promise<unknown> {
  const isSet = typeof argument === 'object' && argument !== null && 'value' in argument
  const written = isSet ? { ...argument, value: JSON.stringify(argument.value) } : argument
  const result = await rawCall(power, written)
  return Array.isArray(result) ? result.map(read) : read(result)
}

function read(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && 'value' in entry
    ? { ...entry, value: JSON.parse(String(entry.value)) as unknown }
    : entry
}

const set = (value: unknown): object => ({ op: 'set', key: 'k', value })

const refused = (power: Power, argument: unknown, code: string, message: RegExp): Promise<void> =>
  assert.rejects(call(power, argument), { name: 'Refusal', code, message })

test('what is set is got, with its version; what is not there is null', async () => {
  const { power } = opened()
  const value = { list: [1, 'two', null], nested: JSON.parse('{"__proto__":{"x":1}}') as unknown }
  assert.equal(await call(power, { op: 'get', key: 'k' }), null)
  assert.deepEqual(await call(power, { op: 'set', key: 'k', value }), { ok: true, version: 1 })
  assert.deepEqual(await call(power, { op: 'get', key: 'k' }), { key: 'k', value, version: 1 })
  assert.deepEqual(await call(power, { op: 'delete', key: 'k' }), { ok: true, version: 0 })
  assert.equal(await call(power, { op: 'get', key: 'k' }), null)
})

test('null is a value', async () => {
  const { power } = opened()
  await call(power, { op: 'set', key: 'k', value: null })
  assert.deepEqual(await call(power, { op: 'get', key: 'k' }), { key: 'k', value: null, version: 1 })
})

test('a write with `ifVersion` is a compare-and-set', async () => {
  const { power } = opened()
  const set = (ifVersion: number) => call(power, { op: 'set', key: 'k', value: ifVersion, ifVersion })
  assert.deepEqual(await set(1), { ok: false, version: 0 })
  assert.deepEqual(await set(0), { ok: true, version: 1 })
  assert.deepEqual(await set(0), { ok: false, version: 1 })
  assert.deepEqual(await call(power, { op: 'delete', key: 'k', ifVersion: 7 }), { ok: false, version: 1 })
})

test('R05: keys that look like paths, separators or prototypes are just keys, of one plugin alone', async () => {
  const { power, store } = opened()
  const others = [
    opened({ tenant: 't2' }, store),
    opened({ plugin: 'other' }, store),
    opened({ tenant: 'acme/gate', plugin: '' }, store),
  ]
  for (const other of others) {
    await call(other.power, { op: 'set', key: 'secret', value: 'theirs' })
  }
  const keys = [
    '../t2/secret',
    't2:secret',
    '%2e%2e/t2',
    '__proto__',
    'constructor',
    '..\\t2',
    't2\u001fsecret',
  ]
  for (const key of ['secret', ...keys]) assert.equal(await call(power, { op: 'get', key }), null)
  for (const [place, key] of keys.entries()) {
    assert.deepEqual(await call(power, { op: 'set', key, value: place }), { ok: true, version: place + 1 })
  }
  for (const [place, key] of keys.entries()) {
    assert.deepEqual(await call(power, { op: 'get', key }), { key, value: place, version: place + 1 })
  }
  for (const other of others) {
    assert.deepEqual(await call(other.power, { op: 'list', prefix: '' }), [
      { key: 'secret', value: 'theirs', version: 1 },
    ])
  }
})

test('keys have 1 to 256 bytes of well-formed text without U+0000', async () => {
  const { power } = opened()
  for (const key of ['', 'K'.repeat(257), 'é'.repeat(129), 7, null, ['k'], { toString: 'k' }]) {
    await refused(power, { op: 'get', key }, 'invalid', /key: must be text of 1 to 256 bytes/)
  }
  for (const key of ['k\u0000', '\ud800', 'a\udc00b']) {
    await refused(power, { op: 'get', key }, 'invalid', /well-formed/)
  }
  assert.equal(await call(power, { op: 'get', key: 'é'.repeat(128) }), null)
})

test('a value has a size and a depth; what is above changes nothing', async () => {
  const { power } = opened()
  const most = DEFAULT_LIMITS.kvValueKiB * 1024
  assert.deepEqual(await call(power, set('x'.repeat(most - 2))), { ok: true, version: 1 })
  await refused(power, set('x'.repeat(most - 1)), 'invalid', /16384 bytes/)
  await refused(power, set('é'.repeat(most / 2)), 'invalid', /16384 bytes/)
  await refused(power, { op: 'set', key: 'k' }, 'invalid', /value: is missing/)
})

test('the byte quota is the grant, and never more than the limit of the tenant', async () => {
  const { power } = opened({ grant: { bytes: 10 } })
  assert.deepEqual(await call(power, { op: 'set', key: 'k', value: 1234567 }), { ok: true, version: 1 })
  await refused(power, { op: 'set', key: 'l', value: 123 }, 'limit', /quota/)
  const limits = { ...DEFAULT_LIMITS, kvMiB: 1 / 1024 }
  const store = new MemoryKv()
  const one = opened({ grant: { bytes: 1 << 30 }, limits }, store).power
  const two = opened({ plugin: 'two', grant: { bytes: 1 << 30 }, limits }, store).power
  await call(one, { op: 'set', key: 'k', value: 'x'.repeat(1000) })
  await refused(one, { op: 'set', key: 'l', value: 'x'.repeat(30) }, 'limit', /quota/)
  await refused(two, { op: 'set', key: 'l', value: 'x'.repeat(30) }, 'limit', /quota/)
})

test('a list is in the order of keys, at most 100, from after a key', async () => {
  const { power } = opened()
  for (let number = 0; number < 120; number += 1) {
    await call(power, { op: 'set', key: `k${String(number).padStart(3, '0')}`, value: number })
  }
  const first = (await call(power, { op: 'list', prefix: 'k' })) as readonly { readonly key: string }[]
  assert.equal(first.length, 100)
  const rest = await call(power, { op: 'list', prefix: 'k', after: first.at(-1)?.key, limit: 2 })
  assert.deepEqual(rest, [
    { key: 'k100', value: 100, version: 101 },
    { key: 'k101', value: 101, version: 102 },
  ])
  for (const limit of [0, 101, 1.5, -1, '7']) {
    await refused(power, { op: 'list', prefix: '', limit }, 'invalid', /limit: must be an integer/)
  }
})

test('a list is no longer than what may cross; asked on, it comes to its end', async () => {
  const { power } = opened()
  for (let number = 0; number < 50; number += 1) {
    await call(power, { op: 'set', key: String(number + 100), value: '"'.repeat(8000) })
  }
  const seen: string[] = []
  for (;;) {
    const after = seen.at(-1)
    const page = (await call(power, { op: 'list', prefix: '', after })) as readonly { readonly key: string }[]
    if (page.length === 0) break
    assert.ok(JSON.stringify(page).length <= CALL_RESULT_CHARS)
    seen.push(...page.map(({ key }) => key))
  }
  assert.equal(seen.length, 50)
})
