import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { FREE_LISTENERS, startBroker } from '../support/broker.ts'
import { connectClient } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder({
  'gate/plugin.ts': `
    import { allow, definePlugin, deny } from 'bulkhead/plugin'
    export default definePlugin({
      config: { type: 'object', properties: { open: { type: 'string' } }, additionalProperties: false },
      authorizePublish: ({ topic }, ctx) => (topic === ctx.config.open ? allow() : deny()),
    })`,
})

const acme = { match: { usernamePrefix: 'acme:' }, anonymous: true }
const beta = { match: { usernamePrefix: 'beta:' }, anonymous: true }
const sandbox = { limits: { softMs: 500, wallMs: 2000 } }
const config = (tenants: object, more = {}) => ({ listeners: FREE_LISTENERS, sandbox, tenants, ...more })

const { broker, url } = await startBroker({ tenants: { acme, beta } })
const connect = (username: string) => connectClient(url, { protocolVersion: 5, username })

test('tenants come, change and go, and connections of those that stay do not drop', async () => {
  const ann = await connect('acme:ann')
  await connect('beta:bob')
  const changed = { ...acme, topicDefault: 'deny' }
  const next = config(
    { acme: changed, more: { ...beta, match: { usernamePrefix: 'more:' } } },
    { drainSec: 9 },
  )
  const dry = await broker.reload({ config: next, dryRun: true })
  assert.equal(dry.isApplied, false)
  await ann.publishAsync('a', 'x', { qos: 1 })
  const done = await broker.reload({ config: next })
  assert.deepEqual([done.changes, done.reopened], [dry.changes, ['acme']])
  assert.ok(done.needsRestart.includes('drainSec'))
  await assert.rejects(ann.publishAsync('a', 'x', { qos: 1 }))
  assert.ok(ann.connected)
  await connect('more:x')
  await assert.rejects(connect('beta:bob'))
  await broker.reload({ config: config({ acme, beta }) })
  await ann.publishAsync('a', 'x', { qos: 1 })
  await connect('beta:bob')
})

test('a mistake anywhere changes nothing', async () => {
  const ann = await connect('acme:ann')
  const closedNow = { ...acme, topicDefault: 'deny' }
  writeFileSync(`${folder}/broken.bundle.json`, '{')
  for (const tenants of [
    { acme: closedNow, beta: { ...beta, quota: 1 } },
    { acme: closedNow, beta: { match: { usernamePrefix: 'acme:b' } } },
    { acme: closedNow, beta: { ...beta, plugins: { [`${folder}/none`]: {} } } },
    { acme: closedNow, beta: { ...beta, plugins: { [`${folder}/broken.bundle.json`]: {} } } },
  ]) {
    await assert.rejects(broker.reload({ config: config(tenants) }), { name: 'BulkheadError' })
    await ann.publishAsync('a', 'x', { qos: 1 })
  }
  await connect('beta:bob')
})

const gated = (open: string) => config({ acme: { ...acme, plugins: { [`${folder}/gate`]: { open } } }, beta })

test('other options of a plugin hold from the next message on', async () => {
  const ann = await connect('acme:ann')
  await broker.reload({ config: gated('one') })
  await ann.publishAsync('one', 'x', { qos: 1 })
  await assert.rejects(ann.publishAsync('two', 'x', { qos: 1 }))
  const { reopened } = await broker.reload({ config: gated('two') })
  assert.deepEqual(reopened, ['acme'])
  await ann.publishAsync('two', 'x', { qos: 1 })
  assert.deepEqual((await broker.reload({ config: gated('two') })).reopened, [])
})

test('a program makes and removes tenants as the API does; a name is in one of both places', async () => {
  await broker.tenants.add('made', { match: { usernamePrefix: 'made:' }, anonymous: true })
  await connect('made:x')
  const both = { acme, beta, made: { match: { usernamePrefix: 'm:' } } }
  await assert.rejects(broker.reload({ config: config(both) }), { code: 'ERR_CONFLICT' })
  await broker.tenants.suspend('made')
  await assert.rejects(connect('made:x'))
  await broker.tenants.resume('made')
  await connect('made:x')
  await broker.tenants.remove('made')
  await assert.rejects(broker.tenants.remove('acme'), { code: 'ERR_CONFLICT' })
})
