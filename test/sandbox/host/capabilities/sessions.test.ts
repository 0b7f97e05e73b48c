import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionsPower } from '../../../../sandbox/host/capabilities/sessions.ts'
import type { SessionInfo } from '../../../../sandbox/sdk/powers.ts'
import { call, holder } from '../../../support/holder.ts'

const ANN: SessionInfo = {
  clientId: 'ann',
  connected: true,
  principal: 'ann',
  protocolVersion: 5,
  connectedAt: 1,
  expirySec: 0,
  subscriptions: 0,
  queued: 0,
  inflight: 0,
}

const asked: unknown[][] = []
const power = sessionsPower(holder(), {
  get: (...args) => {
    asked.push(args)
    return args[1] === 'ann' ? ANN : undefined
  },
  list: (...args) => {
    asked.push(args)
    return Promise.resolve(args[1] === 'busy' ? 'busy' : [ANN])
  },
})

test('the tenant is the holder’s, whatever the argument says', async () => {
  assert.deepEqual(await call(power, { op: 'get', clientId: 'ann' }), ANN)
  assert.deepEqual(await call(power, { op: 'list', limit: 7, after: 'a' }), [ANN])
  assert.deepEqual(await call(power, { op: 'list' }), [ANN])
  assert.deepEqual(asked, [
    ['acme', 'ann'],
    ['acme', 'a', 7],
    ['acme', undefined, 100],
  ])
  await assert.rejects(call(power, { op: 'get', clientId: 'ann', tenant: 'globex' }), { code: 'invalid' })
})

test('nobody is null, too much at once is a limit', async () => {
  assert.equal(await call(power, { op: 'get', clientId: 'nobody' }), null)
  await assert.rejects(call(power, { op: 'list', after: 'busy' }), { name: 'Refusal', code: 'limit' })
})

test('arguments are checked', async () => {
  const wrong = [
    null,
    { op: 'all' },
    { op: 'get' },
    { op: 'get', clientId: '' },
    { op: 'get', clientId: 'a\nb' },
    { op: 'get', clientId: 'x'.repeat(65_536) },
    { op: 'list', limit: 101 },
    { op: 'list', limit: 0 },
    { op: 'list', after: 7 },
  ]
  for (const argument of wrong) {
    await assert.rejects(call(power, argument), { name: 'Refusal', code: 'invalid' })
  }
})
