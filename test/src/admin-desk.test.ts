import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManagedBroker } from '../support/managed-broker.ts'
import { connectClient, disconnectReason } from '../support/mqttjs.ts'

const KEEPS = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 1024 } },
  authorizePublish: async ({ topic }, ctx) => {
    await ctx.kv.set(topic, 'seen')
    return allow()
  },
})
`
const managed = await ManagedBroker.start()
const { operator } = managed
const acme = await managed.tenant('acme')
await managed.deploy(acme, 'acme', 'keeps', KEEPS)
const AT = '/v1/tenants/acme'
const client = await connectClient(managed.url, { protocolVersion: 5, username: 'acme:ann', clientId: 'a/b' })
await client.publishAsync('x/y', 'hello', { qos: 1, retain: true })

test('the operator’s first token is shown once', () => {
  assert.match(operator, /^bh_/)
  assert.doesNotMatch(managed.broker.describe().join('\n'), /bh_/)
})

test('a client is found by its identifier, and sent away with 0x98', async () => {
  const gone = await connectClient(managed.url, { protocolVersion: 5, username: 'acme:bob', clientId: 'bob' })
  const reason = disconnectReason(gone)
  const { clients } = await managed.done(acme, `GET ${AT}/clients`)
  assert.deepEqual(
    clients.map(({ clientId }) => clientId),
    ['a/b', 'bob'],
  )
  assert.equal((await managed.done(acme, `GET ${AT}/clients/a%2Fb`)).principal, 'anonymous')
  await managed.done(acme, `DELETE ${AT}/clients/bob`)
  assert.equal(await reason, 0x98)
  assert.equal((await managed.call(acme, `DELETE ${AT}/clients/bob`)).status, 404)
})

test('what is retained is listed with its payload, and deleted for the quota, too', async () => {
  const { retained } = await managed.done(acme, `GET ${AT}/retained?filter=x%2F%23`)
  assert.deepEqual(retained, [
    { topic: 'x/y', qos: 1, size: 5, payload64: Buffer.from('hello').toString('base64') },
  ])
  assert.equal((await managed.call(acme, `GET ${AT}/retained?filter=x%23`)).status, 400)
  assert.equal((await managed.call(acme, `DELETE ${AT}/retained/x%2F%23`)).status, 404)
  await managed.done(acme, `DELETE ${AT}/retained/x%2Fy`)
  assert.deepEqual((await managed.done(acme, `GET ${AT}/retained`)).retained, [])
})

test('what a plugin keeps is seen and deleted by its tenant', async () => {
  const { entries } = await managed.done(acme, `GET ${AT}/kv/keeps`)
  assert.deepEqual(
    entries.map(({ key, value }) => [key, value]),
    [['x/y', '"seen"']],
  )
  await managed.done(acme, `DELETE ${AT}/kv/keeps/x%2Fy`)
  assert.equal((await managed.call(acme, `DELETE ${AT}/kv/keeps/x%2Fy`)).status, 404)
})

test('why a client may, is asked over the API as over the control socket', async () => {
  const { now } = await managed.done(acme, `GET ${AT}/explain?client=a%2Fb&action=publish&topic=t`)
  assert.equal(now.allowed, true)
  assert.equal((await managed.call(acme, `GET ${AT}/explain?client=none&action=publish&topic=t`)).status, 404)
})

test('each change is in the audit of its tenant, with who made it; and in nobody else’s', async () => {
  await managed.tenant('zoo')
  const { records } = await managed.done(acme, `GET ${AT}/audit`)
  const whats = records.map(({ event, where }) => `${event} ${where}`)
  assert.ok(whats.includes(`admin.changed POST ${AT}/plugins/keeps/deploy`))
  assert.ok(whats.includes(`admin.refused DELETE ${AT}/clients/bob`))
  assert.ok(records.every(({ tenant }) => tenant === 'acme'))
  assert.doesNotMatch(JSON.stringify(records), /bh_[0-9a-f]{16}_/)
})
