import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Holder, Power } from '../../../../sandbox/host/capabilities/power.ts'
import { retainedPower } from '../../../../sandbox/host/capabilities/retained.ts'
import { LIST_CHARS, DEFAULT_LIMITS } from '../../../../sandbox/limits.ts'
import type { RetainedInfo } from '../../../../sandbox/sdk/powers.ts'
import { call, holder } from '../../../support/holder.ts'

const HI: RetainedInfo = { topic: 't', qos: 1, size: 2, payload: Buffer.from('hi') }

function opened(
  found: readonly RetainedInfo[] | 'busy',
  change: Partial<Holder> = {},
): { power: Power; asked: unknown[][] } {
  const asked: unknown[][] = []
  const power = retainedPower(holder(change), {
    get: (...args) => {
      asked.push(args)
      return Promise.resolve(found === 'busy' ? undefined : found[0])
    },
    list: (...args) => {
      asked.push(args)
      return Promise.resolve(found)
    },
  })
  return { power, asked }
}

test('payloads are asked for, as far as limits allow, by those alone who may see them', async () => {
  const blind = opened([{ topic: 't', qos: 1, size: 2 }])
  assert.deepEqual(await call(blind.power, { op: 'get', topic: 't' }), { topic: 't', qos: 1, size: 2 })
  await call(blind.power, { op: 'list', filter: '#' })
  assert.deepEqual(blind.asked, [
    ['acme', 't', -1],
    ['acme', '#', 100, -1],
  ])
  const seeing = opened([HI], { seesPayload: true })
  const crossing = { topic: 't', qos: 1, size: 2, payload64: 'aGk=' }
  assert.deepEqual(await call(seeing.power, { op: 'get', topic: 't' }), crossing)
  assert.deepEqual(await call(seeing.power, { op: 'list', filter: 't/+', limit: 3 }), [crossing])
  const bytes = DEFAULT_LIMITS.payloadKiB * 1024
  assert.deepEqual(seeing.asked, [
    ['acme', 't', bytes],
    ['acme', 't/+', 3, bytes],
  ])
})

test('nothing is null, too much at once is a limit', async () => {
  assert.equal(await call(opened([]).power, { op: 'get', topic: 't' }), null)
  await assert.rejects(call(opened('busy').power, { op: 'list', filter: '#' }), { code: 'limit' })
})

test('a list of big messages crosses whole, without the payloads that no answer holds', async () => {
  const payload = Buffer.alloc(20 * 1024, 'x')
  const many = Array.from({ length: 100 }, (_, number) => ({
    topic: `t/${number}`,
    qos: 0 as const,
    size: payload.length,
    payload,
  }))
  const { power } = opened(many, { seesPayload: true })
  const list = (await call(power, { op: 'list', filter: '#' })) as readonly object[]
  assert.equal(list.length, 100)
  assert.ok(JSON.stringify(list).length <= LIST_CHARS)
  assert.equal(list.filter((each) => 'payload64' in each).length, 1)
})

test('a topic is a name, a filter is a filter', async () => {
  const { power, asked } = opened([HI])
  for (const argument of [
    { op: 'get', topic: 't/#' },
    { op: 'get', topic: '' },
    { op: 'get', filter: 't' },
    { op: 'list', filter: 't#' },
    { op: 'list', filter: 't/#/x' },
    { op: 'list' },
    { op: 'list', filter: '#', limit: 101 },
    { op: 'list', filter: '#', tenant: 'globex' },
  ]) {
    await assert.rejects(call(power, argument), { name: 'Refusal', code: 'invalid' })
  }
  assert.deepEqual(asked, [])
})
