import assert from 'node:assert/strict'
import { test } from 'node:test'
import { subscriptionsPower } from '../../../../sandbox/host/capabilities/subscriptions.ts'
import { call, holder } from '../../../support/holder.ts'

const NEWS = { clientId: 'ann', filter: 'news/#', share: 'g', qos: 1 } as const
const asked: unknown[][] = []
const power = subscriptionsPower(holder(), {
  ofClient: (...args) => {
    asked.push(args)
    return [NEWS]
  },
  matching: (...args) => {
    asked.push(args)
    return Promise.resolve(args[1] === 'busy' ? 'busy' : [NEWS])
  },
})

test('the tenant is the holder’s, and a list has a bound', async () => {
  assert.deepEqual(await call(power, { op: 'ofClient', clientId: 'ann' }), [NEWS])
  assert.deepEqual(await call(power, { op: 'matching', topic: 'news/x' }), [NEWS])
  assert.deepEqual(asked, [
    ['acme', 'ann', 100],
    ['acme', 'news/x', 100],
  ])
})

test('too much at once is a limit, anything else than a client or a topic is invalid', async () => {
  await assert.rejects(call(power, { op: 'matching', topic: 'busy' }), { name: 'Refusal', code: 'limit' })
  for (const argument of [
    { op: 'ofClient' },
    { op: 'ofClient', clientId: '' },
    { op: 'matching', topic: 'news/#' },
    { op: 'matching', topic: '' },
    { op: 'matching', topic: 'x', tenant: 'globex' },
  ]) {
    await assert.rejects(call(power, argument), { name: 'Refusal', code: 'invalid' })
  }
})
