import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOOKS } from '../../sandbox/sdk/hooks.ts'
import { completeEvent, toWire } from '../../sandbox/test-events.ts'

test('every hook has a whole event without a word from the test', () => {
  for (const hook of HOOKS) {
    // onClose alone has nothing to say
    const fields = Object.keys(completeEvent(hook, undefined)).length
    assert.equal(fields > 0, hook !== 'onClose', hook)
  }
})

test('what the test gives lies over the default, key by key; defaults stay as they were', () => {
  const given = { client: { roles: ['admin'] }, qos: 2 } as const
  const { client, ...event } = completeEvent('authorizePublish', given)
  assert.deepEqual(event, { topic: 'test/topic', qos: 2, retain: false })
  assert.deepEqual((client as { roles: unknown }).roles, ['admin'])
  assert.deepEqual((completeEvent('authorizePublish', {})['client'] as { roles: unknown }).roles, [])
})

test('the principal is the user name, else the client identifier, unless the test says who', () => {
  assert.equal(principalOf({}), 'test-client')
  assert.equal(principalOf({ clientId: 'c' }), 'c')
  assert.equal(principalOf({ clientId: 'c', username: 'u' }), 'u')
  assert.equal(principalOf({ username: 'u', principal: 'anonymous' }), 'anonymous')
})

test('each filter and each target is completed', () => {
  const { filters } = completeEvent('authorizeSubscribe', { filters: [{ filter: 'a' }, {}] })
  assert.deepEqual(filters, [
    { filter: 'a', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 },
    { filter: 'test/#', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 },
  ])
  const { targets } = completeEvent('authorizeReceive', { targets: [{ client: { clientId: 'c' } }] })
  const [target] = targets as readonly { client: { clientId: string; listener: string } }[]
  assert.deepEqual([target?.client.clientId, target?.client.listener], ['c', 'test'])
})

test('bytes become base64 under a name that says so, at the top and in what holds them', () => {
  assert.deepEqual(
    toWire({ payload: 'a', message: { payload: Uint8Array.of(255), topic: 't' }, other: { payload: 'b' } }),
    {
      payload64: 'YQ==',
      message: { payload64: '/w==', topic: 't' },
      other: { payload: 'b' },
    },
  )
})

function principalOf(client: object): unknown {
  return (completeEvent('authorizePublish', { client })['client'] as { principal: unknown }).principal
}
