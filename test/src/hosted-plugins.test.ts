import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MqttClient } from 'mqtt'
import { ManagedBroker } from '../support/managed-broker.ts'
import { connectClient, connectWithInbox } from '../support/mqttjs.ts'
import { eventually } from '../support/processes.ts'

const plugin = (answer: string, more = ''): string => `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({ ${more} authorizePublish: ({ topic }, ctx) => ${answer} })
`
const ALLOWS = plugin('allow()')
const DENIES = plugin('deny()')
const CACHES = plugin('allow({ cacheMs: 600_000 })')
const THROWS = plugin("{ throw new Error('broken ' + topic) }")
const LOGS = plugin('allow()', 'capabilities: { log: true },')
const SLOW = plugin('new Promise(() => undefined)', 'capabilities: { timers: true },')

const managed = await ManagedBroker.start()
const acme = await managed.tenant('acme')
const AT = '/v1/tenants/acme/plugins/gate'

const connect = (username: string, clientId: string): Promise<MqttClient> =>
  connectClient(managed.url, { protocolVersion: 5, username, clientId })

/** Whether the broker takes a publish. */
const takes = (client: MqttClient, topic = 'a'): Promise<boolean> =>
  client.publishAsync(topic, 'x', { qos: 1 }).then(
    () => true,
    () => false,
  )

test('an uploaded plugin decides, and nobody is disconnected when another version takes over', async () => {
  const client = await connect('acme:ann', 'ann')
  const neighbour = await connect('bob', 'ann')
  let closed = 0
  for (const each of [client, neighbour]) each.on('close', () => (closed += 1))
  assert.equal(await takes(client), true)
  await managed.deploy(acme, 'acme', 'gate', DENIES)
  assert.deepEqual([await takes(client), await takes(neighbour)], [false, true])
  await managed.deploy(acme, 'acme', 'gate', ALLOWS)
  assert.equal(await takes(client), true)
  const back = await managed.done(acme, `POST ${AT}/rollback`)
  assert.equal(back.before.at(-1)?.takenBack, 'asked for')
  assert.equal(await takes(client), false)
  assert.equal(closed, 0)
})

test('an uploaded plugin’s next version knows nothing of what the one before remembered', async () => {
  const client = await connect('acme:cy', 'cy')
  await managed.deploy(acme, 'acme', 'gate', CACHES)
  assert.equal(await takes(client), true)
  const { serving } = await managed.deploy(acme, 'acme', 'gate', DENIES)
  assert.equal(await takes(client), false)
  const { plugins } = await managed.done(acme, 'GET /v1/tenants/acme/plugins')
  assert.deepEqual([plugins[0]?.serving.digest, plugins[0]?.state], [serving.digest, 'active'])
})

test('an uploaded plugin waits for consent where it asks for more than before', async () => {
  const digest = await managed.upload(acme, 'acme', 'gate', LOGS)
  const { serving: before } = await managed.done(acme, `GET ${AT}`)
  const asked = await managed.done(acme, `POST ${AT}/deploy`, { digest })
  assert.deepEqual([asked.candidate.state, asked.widenings[0]?.capability], ['pending-consent', 'log'])
  assert.equal(asked.serving.digest, before.digest)
  // consent to something else is none
  const other = await managed.done(acme, `POST ${AT}/deploy`, { digest, consent: before.digest })
  assert.equal(other.candidate.state, 'pending-consent')
  const given = await managed.done(acme, `POST ${AT}/deploy`, { digest, consent: digest })
  assert.equal(given.serving.digest, digest)
})

test('an uploaded plugin goes back by itself to the one before when it fails', async () => {
  const { serving: good } = await managed.deploy(acme, 'acme', 'gate', ALLOWS)
  const client = await connect('acme:dee', 'dee')
  await managed.deploy(acme, 'acme', 'gate', THROWS)
  const served = async (): Promise<string> => (await managed.done(acme, `GET ${AT}`)).serving.digest
  let digest = await served()
  while (digest !== good.digest) {
    await Promise.all(Array.from({ length: 10 }, () => takes(client)))
    digest = await served()
  }
  const { before } = await managed.done(acme, `GET ${AT}`)
  assert.match(before.at(-1)?.takenBack ?? '', /questions failed|quarantined/)
  assert.equal(await takes(client), true)
})

test('an uploaded plugin goes on serving where the next one does not activate', async () => {
  const { serving } = await managed.deploy(acme, 'acme', 'gate', ALLOWS)
  const digest = await managed.upload(
    acme,
    'acme',
    'gate',
    plugin(
      'allow()',
      "config: { type: 'object', properties: { n: { type: 'number' } }, additionalProperties: false },",
    ),
  )
  const refused = await managed.call(acme, `POST ${AT}/deploy`, { digest, config: { n: 'x' } })
  assert.deepEqual([refused.status, refused.body.code], [422, 'ERR_PLUGIN_CONFIG'])
  assert.equal((await managed.done(acme, `GET ${AT}`)).serving.digest, serving.digest)
})

test('an uploaded plugin cannot be deleted while it serves, or is what a rollback needs', async () => {
  const { serving, before } = await managed.done(acme, `GET ${AT}`)
  const needed = [serving.digest, before.findLast((each) => each.takenBack === '')?.digest]
  for (const digest of needed) {
    const { status, body } = await managed.call(acme, `DELETE ${AT}/versions/${digest}`)
    assert.deepEqual([status, body.code], [409, 'ERR_PLUGIN_VERSION'])
  }
})

test('an uploaded plugin finishes what it was asked when another one takes over', async () => {
  await managed.deploy(acme, 'acme', 'gate', SLOW)
  const client = await connect('acme:eve', 'eve')
  const answer = takes(client)
  await eventually(() => managed.broker.status().tenants.length > 0)
  await managed.deploy(acme, 'acme', 'gate', ALLOWS)
  // asked of the old one, which never answers: its own limit ends it, not the swap
  assert.equal(await answer, false)
  assert.equal(await takes(client), true)
})

test('an uploaded plugin is gone when it is deleted, with its versions', async () => {
  await managed.done(acme, `DELETE ${AT}`)
  assert.equal((await managed.call(acme, `GET ${AT}`)).status, 404)
  const client = await connect('acme:fay', 'fay')
  assert.equal(await takes(client), true)
  assert.equal((await managed.call(acme, `POST ${AT}/rollback`)).body.code, 'ERR_DEPLOYMENT')
})

test('an uploaded plugin comes from no other tenant: its digest is nobody’s here', async () => {
  const zoo = await managed.tenant('zoo')
  const digest = await managed.upload(zoo, 'zoo', 'gate', ALLOWS)
  const { status, body } = await managed.call(acme, `POST ${AT}/deploy`, { digest })
  assert.deepEqual([status, body.code], [409, 'ERR_PLUGIN_VERSION'])
})

const writes = (answer: string): string =>
  plugin(
    `{
      await ctx.kv.set(topic, 'tried')
      ctx.publish({ topic: 'from/plugin', payload: 'x' })
      return ${answer}
    }`,
    "capabilities: { kv: { bytes: 1024 }, publish: { topics: ['from/#'] } },",
  ).replace('authorizePublish: (', 'authorizePublish: async (')

test('a version is tried in the shadow of the one that serves: it is compared, and changes nothing', async () => {
  const tenant = await managed.tenant('shady')
  const at = '/v1/tenants/shady/plugins/gate'
  await managed.deploy(tenant, 'shady', 'gate', ALLOWS)
  const { client, inbox } = await connectWithInbox(managed.url, { protocolVersion: 5, username: 'shady:a' })
  await client.subscribeAsync('#')
  const digest = await managed.upload(tenant, 'shady', 'gate', writes("topic === 'a' ? deny() : allow()"))
  const tried = await managed.done(tenant, `POST ${at}/deploy`, { digest, consent: digest, mode: 'shadow' })
  assert.equal(tried.candidate.state, 'shadow')
  for (const topic of ['a', 'b', 'a']) assert.equal(await takes(client, topic), true)
  let shadow = (await managed.done(tenant, `GET ${at}`)).shadow
  while (shadow.compared < 3) shadow = (await managed.done(tenant, `GET ${at}`)).shadow
  assert.deepEqual([shadow.same, shadow.differences['allow→deny']], [1, 2])
  assert.equal(shadow.examples[0]?.topic, 'a')
  assert.deepEqual((await managed.done(tenant, 'GET /v1/tenants/shady/kv/gate')).entries, [])
  const promoted = await managed.done(tenant, `POST ${at}/promote`)
  assert.equal(promoted.serving.digest, digest)
  assert.deepEqual([await takes(client, 'a'), await takes(client, 'b')], [false, true])
  // now its effects happen, and happened not before
  const got = await inbox.take(5)
  assert.deepEqual(got.map(({ topic }) => topic).toSorted(), ['a', 'a', 'b', 'b', 'from/plugin'])
})

test('a trial that is ended leaves what serves, and no process', async () => {
  const tenant = await managed.tenant('ended')
  const at = '/v1/tenants/ended/plugins/gate'
  const { status } = await managed.call(tenant, `POST ${at}/deploy`, {
    digest: 'a'.repeat(64),
    mode: 'shadow',
  })
  assert.equal(status, 409)
  await managed.deploy(tenant, 'ended', 'gate', ALLOWS)
  const digest = await managed.upload(tenant, 'ended', 'gate', DENIES)
  await managed.done(tenant, `POST ${at}/deploy`, { digest, mode: 'shadow' })
  const ended = await managed.done(tenant, `DELETE ${at}/shadow`)
  assert.equal(ended.candidate, null)
  const client = await connect('ended:a', 'a')
  assert.equal(await takes(client), true)
  assert.equal((await managed.call(tenant, `POST ${at}/promote`)).body.code, 'ERR_DEPLOYMENT')
})
