import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ManagedBroker } from '../support/managed-broker.ts'
import { connectClient } from '../support/mqttjs.ts'
import { dataFolder } from '../support/sqlite-engine.ts'

const ALLOWS = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => allow() })
`
const config = { data: dataFolder(), durability: 'os' }
const managed = await ManagedBroker.start(config)
const acme = await managed.tenant('acme', { anonymous: false })
const AT = '/v1/tenants/acme'
const connect = (username: string, password?: string, url = managed.url) =>
  connectClient(url, { protocolVersion: 5, username, ...(password !== undefined && { password }) })

test('users come in by their passwords from the next login on, and by nothing else', async () => {
  await assert.rejects(connect('acme:ann', 'one'))
  await managed.done(acme, `PUT ${AT}/users/ann`, { password: 'one' })
  const ann = await connect('acme:ann', 'one')
  for (const [user, password] of [
    ['acme:ann', 'two'],
    ['acme:ann', undefined],
    ['acme:bob', 'one'],
  ] as const)
    await assert.rejects(connect(user, password))
  await managed.done(acme, `PUT ${AT}/users/ann`, { password: 'two' })
  await assert.rejects(connect('acme:ann', 'one'))
  await connect('acme:ann', 'two')
  assert.ok(ann.connected)
})

test('rules bind beside what plugins decide: a deny of either wins', async () => {
  await managed.deploy(acme, 'acme', 'gate', ALLOWS)
  await managed.done(acme, `PUT ${AT}/rules`, {
    rules: ['user ann', 'topic readwrite a/#', 'topic deny a/secret'],
  })
  const ann = await connect('acme:ann', 'two')
  await ann.publishAsync('a/b', 'x', { qos: 1 })
  for (const topic of ['b', 'a/secret']) await assert.rejects(ann.publishAsync(topic, 'x', { qos: 1 }))
  // a change of settings leaves them as they are
  await managed.done(managed.operator, `PUT ${AT}/quotas`, { connections: 50 })
  const again = await connect('acme:ann', 'two')
  await assert.rejects(again.publishAsync('b', 'x', { qos: 1 }))
})

test('what is no rule is refused with its line, and nothing is changed by it', async () => {
  const { status, body } = await managed.call(acme, `PUT ${AT}/rules`, {
    rules: ['topic read a', 'topic read b#'],
  })
  assert.deepEqual([status, /line 2:/.test(body.detail)], [422, true])
  const ann = await connect('acme:ann', 'two')
  await ann.publishAsync('a/b', 'x', { qos: 1 })
})

test('a tenant of the config has its users in files', async () => {
  const { status, body } = await managed.call(managed.operator, 'PUT /v1/tenants/default/users/ann', {
    password: 'x',
  })
  assert.deepEqual([status, body.code], [409, 'ERR_CONFLICT'])
})

test('users and rules are there after a restart, and gone with their tenant', async () => {
  await managed.broker.stop()
  const next = await ManagedBroker.start(config, managed.operator)
  after(() => next.broker.stop())
  const ann = await connect('acme:ann', 'two', next.url)
  await assert.rejects(ann.publishAsync('b', 'x', { qos: 1 }))
  await assert.rejects(connect('acme:ann', 'one', next.url))
  await next.done(next.operator, 'DELETE /v1/tenants/acme')
  await next.tenant('acme', { anonymous: false })
  await assert.rejects(connect('acme:ann', 'two', next.url))
})
