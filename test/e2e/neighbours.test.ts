import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { ManagedBroker } from '../support/managed-broker.ts'
import { connectWithInbox } from '../support/mqttjs.ts'

/** One is the other's prefix, and the longer one is named like a kind of document. */
const managed = await ManagedBroker.start()
const victim = await managed.tenant('token-a')
const spy = await managed.tenant('token')
after(() => managed.broker.stop())

const enter = (tenant: string, options = {}) =>
  connectWithInbox(managed.url, { username: `${tenant}:ann`, protocolVersion: 5, ...options })

describe('a hostile neighbour', { timeout: 60_000 }, () => {
  test('hears no will of another tenant: neither with # nor with the same identifier', async () => {
    const [watcher, thief] = await Promise.all([enter('token-a'), enter('token', { clientId: 'same' })])
    let closed = 0
    thief.client.on('close', () => (closed += 1))
    for (const { client } of [watcher, thief]) await client.subscribeAsync('#', { qos: 1 })
    const will = { topic: 'gone', payload: Buffer.from('of token-a'), qos: 1 as const, retain: true }
    const dying = await enter('token-a', { clientId: 'same', reconnectPeriod: 0, will })
    dying.client.stream.destroy()
    assert.equal((await watcher.inbox.take(1))[0]?.payload, 'of token-a')
    await thief.client.publishAsync('end', 'end', { qos: 1 })
    assert.equal((await thief.inbox.take(1))[0]?.payload, 'end')
    assert.equal(closed, 0, 'nobody takes over a session of another tenant')
  })

  test('learns nothing of another tenant from the API, however it writes its name', async () => {
    await managed.done(victim, 'GET /v1/tenants/token-a/clients')
    const unknown = await managed.call(spy, 'GET /v1/tenants/nobody/clients')
    assert.ok(unknown.status === 403 || unknown.status === 404)
    const names = ['token-a', 'token%2Da', 'TOKEN-A', 'token%2F..%2Ftoken-a', 'token-a%00', 'token%EF%BC%8Da']
    for (const name of names) {
      const reply = await managed.call(spy, `GET /v1/tenants/${name}/clients`)
      assert.ok(reply.status >= 400, name)
      assert.equal(reply.body.clients, undefined, name)
    }
    const real = await managed.call(spy, 'GET /v1/tenants/token-a/clients')
    assert.deepEqual([real.status, real.body.code], [unknown.status, unknown.body.code])
  })
})
