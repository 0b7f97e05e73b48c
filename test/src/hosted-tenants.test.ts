import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ManagedBroker } from '../support/managed-broker.ts'
import { closed, connectClient, connectWithInbox, disconnectReason } from '../support/mqttjs.ts'
import { dataFolder } from '../support/sqlite-engine.ts'

const ALLOWS = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ capabilities: { log: true }, authorizePublish: () => allow() })
`

const data = dataFolder()
const config = {
  data,
  durability: 'os',
  tenants: { default: { anonymous: true }, yaml: { match: { usernamePrefix: 'yaml:' } } },
}
const single = { anonymous: undefined }
const managed = await ManagedBroker.start({ ...config, ...single })
const { operator } = managed

test('a tenant made at run time has its own clients at once, and its neighbours notice nothing', async () => {
  const { client: neighbour, inbox } = await connectWithInbox(managed.url, { protocolVersion: 5 })
  await neighbour.subscribeAsync('#', { qos: 1 })
  await managed.tenant('acme')
  const own = await connectWithInbox(managed.url, { protocolVersion: 5, username: 'acme:ann' })
  await own.client.subscribeAsync('#')
  await own.client.publishAsync('a', 'mine', { qos: 1, retain: true })
  await neighbour.publishAsync('a', 'ours', { qos: 1 })
  assert.equal((await own.inbox.take(1))[0]?.payload, 'mine')
  assert.deepEqual(
    (await inbox.take(1)).map(({ payload }) => payload),
    ['ours'],
  )
})

test('a tenant made at run time is refused where its name is taken, or nobody could come to it', async () => {
  for (const name of ['acme', 'yaml', 'default']) {
    const { status, body } = await managed.call(operator, 'POST /v1/tenants', {
      name,
      settings: { match: { usernamePrefix: 'x' } },
    })
    assert.deepEqual([status, body.code], [409, 'ERR_CONFLICT'], name)
  }
  for (const settings of [{}, { match: { usernamePrefix: 'acme:b' } }, { match: { listener: 'none' } }]) {
    const { status } = await managed.call(operator, 'POST /v1/tenants', { name: 'new', settings })
    assert.equal(status, 422, JSON.stringify(settings))
  }
})

for (const name of ['', 'a/b', '..', 'аcme', 'a b', 'x'.repeat(65), '__proto__', 'a\u0000'])
  test(`a tenant made at run time is not called ${JSON.stringify(name.slice(0, 12))}`, async () => {
    const settings = { match: { usernamePrefix: 'n:' } }
    assert.equal((await managed.call(operator, 'POST /v1/tenants', { name, settings })).status, 422)
  })

test('a tenant made at run time reads no file and no variable of the machine', async () => {
  const settings = {
    match: { usernamePrefix: '${HOME}' },
    settings: { certFile: '/etc/passwd' },
    plugins: { '/etc': {} },
  }
  const { status, body } = await managed.call(operator, 'POST /v1/tenants', { name: 'new', settings })
  assert.deepEqual([status, /"plugins" is for tenants of the config/.test(body.detail)], [422, true])
  const { plugins: _, ...rest } = settings
  await managed.done(operator, 'POST /v1/tenants', {
    name: 'files',
    settings: { ...rest, anonymous: true },
  })
  const shown = await managed.done(operator, 'GET /v1/tenants/files')
  assert.equal(shown.match['usernamePrefix'], '${HOME}')
  await managed.done(operator, 'DELETE /v1/tenants/files')
})

test('a tenant made at run time has its quotas changed while its clients stay', async () => {
  const ann = await connectClient(managed.url, { protocolVersion: 5, username: 'acme:ann', clientId: 'q1' })
  await managed.done(operator, 'PUT /v1/tenants/acme/quotas', { connections: 1 })
  await assert.rejects(
    connectClient(managed.url, { protocolVersion: 5, username: 'acme:ann', clientId: 'q2' }),
  )
  await managed.done(operator, 'PUT /v1/tenants/acme/quotas', { connections: '' })
  await connectClient(managed.url, { protocolVersion: 5, username: 'acme:ann', clientId: 'q2' })
  assert.ok(ann.connected)
  const { status } = await managed.call(operator, 'PUT /v1/tenants/acme/quotas', { conections: 1 })
  assert.equal(status, 422)
})

test('a tenant made at run time answers otherwise from the next message on, and its clients stay', async () => {
  const token = await managed.tenant('open')
  const client = await connectClient(managed.url, { protocolVersion: 5, username: 'open:a' })
  await client.publishAsync('a', 'x', { qos: 1 })
  const settings = { match: { usernamePrefix: 'open:' }, anonymous: true, topicDefault: 'deny' }
  await managed.done(operator, 'PUT /v1/tenants/open', settings)
  await assert.rejects(client.publishAsync('a', 'x', { qos: 1 }))
  // plugins that were uploaded are opened anew, within the other bounds
  await managed.deploy(token, 'open', 'gate', ALLOWS)
  await client.publishAsync('a', 'x', { qos: 1 })
  const narrow = { ...settings, sandbox: { limits: { publishesPerSec: 3 } } }
  await managed.done(operator, 'PUT /v1/tenants/open', narrow)
  await client.publishAsync('a', 'x', { qos: 1 })
  assert.ok(client.connected)
  const withheld = { ...narrow, allow: { log: false } }
  const { status, body } = await managed.call(operator, 'PUT /v1/tenants/open', withheld)
  assert.deepEqual([status, body.code], [422, 'ERR_PLUGIN_CAPABILITY'])
  await client.publishAsync('a', 'x', { qos: 1 })
  await managed.done(operator, 'DELETE /v1/tenants/open')
})

test('a suspended tenant has nobody, nobody of it becomes another’s, and then all is as it was', async () => {
  const client = await connectClient(managed.url, {
    protocolVersion: 5,
    username: 'acme:sue',
    clientId: 'sue',
  })
  const [reason, end] = [disconnectReason(client), closed(client)]
  await managed.done(operator, 'POST /v1/tenants/acme/suspend')
  assert.equal(await reason, 0x98)
  await end
  await assert.rejects(connectClient(managed.url, { protocolVersion: 5, username: 'acme:sue' }))
  await managed.done(operator, 'POST /v1/tenants/acme/resume')
  const { client: back, inbox } = await connectWithInbox(managed.url, {
    protocolVersion: 5,
    username: 'acme:sue',
  })
  await back.subscribeAsync('a')
  assert.equal((await inbox.take(1))[0]?.payload, 'mine')
})

test('a tenant made at run time belongs to the API, and one of the config to the config', async () => {
  for (const line of ['PUT /v1/tenants/yaml', 'PUT /v1/tenants/yaml/quotas'])
    assert.equal((await managed.call(operator, line, {})).body.code, 'ERR_CONFLICT')
  for (const line of ['POST /v1/tenants/yaml/suspend', 'DELETE /v1/tenants/default'])
    assert.match((await managed.call(operator, line)).body.detail, /belongs to the config/)
  assert.equal((await managed.call(operator, 'DELETE /v1/tenants/none')).status, 404)
})

test('a tenant made at run time goes with all that it has; one of the same name begins anew', async () => {
  const token = await managed.tenant('gone')
  const options = {
    protocolVersion: 5,
    username: 'gone:a',
    clientId: 'g',
    clean: false,
    properties: { sessionExpiryInterval: 600 },
  } as const
  const client = await connectClient(managed.url, options)
  await client.publishAsync('kept', 'x', { qos: 1, retain: true })
  const end = closed(client)
  await managed.done(operator, 'DELETE /v1/tenants/gone')
  await end
  assert.equal((await managed.call(token, 'GET /v1/whoami')).status, 401)
  await managed.tenant('gone')
  const again = await connectClient(managed.url, options)
  assert.deepEqual((await managed.done(operator, 'GET /v1/tenants/gone/retained')).retained, [])
  const { clients } = await managed.done(operator, 'GET /v1/tenants/gone/clients')
  assert.deepEqual(
    clients.map(({ subscriptions, queued }) => [subscriptions, queued]),
    [[0, 0]],
  )
  await again.endAsync()
})

test('a tenant made at run time is there after a restart, with its sessions and what it retained', async () => {
  const options = {
    protocolVersion: 5,
    username: 'acme:kept',
    clientId: 'kept',
    clean: false,
    properties: { sessionExpiryInterval: 600 },
  } as const
  const client = await connectClient(managed.url, options)
  await client.subscribeAsync('later', { qos: 1 })
  await client.endAsync()
  await managed.tenant('sleepy')
  await managed.done(operator, 'POST /v1/tenants/sleepy/suspend')
  await managed.broker.stop()
  const next = await ManagedBroker.start({ ...config, ...single }, operator)
  after(() => next.broker.stop())
  const { tenants } = await next.done(operator, 'GET /v1/tenants')
  assert.deepEqual(
    tenants.map(({ name, from, state }) => `${name} ${from} ${state}`),
    [
      'default config active',
      'yaml config active',
      'acme api active',
      'gone api active',
      'sleepy api suspended',
    ],
  )
  const session = await next.done(operator, 'GET /v1/tenants/acme/clients/kept')
  assert.deepEqual(
    session.subscribed.map(({ filter }) => filter),
    ['later'],
  )
  assert.equal((await next.done(operator, 'GET /v1/tenants/acme/retained')).retained.length, 1)
  await assert.rejects(connectClient(next.url, { protocolVersion: 5, username: 'sleepy:x' }))
  await next.broker.stop()
  const named = ManagedBroker.start({
    ...config,
    ...single,
    admin: { bind: '127.0.0.1:0', tenants: 'off' },
  })
  await assert.rejects(named, { code: 'ERR_CONFLICT', message: /admin.tenants is off/ })
  const both = { ...config.tenants, acme: { match: { usernamePrefix: 'b:' } } }
  await assert.rejects(ManagedBroker.start({ ...config, ...single, tenants: both }), {
    code: 'ERR_CONFLICT',
    message: /acme already/,
  })
})
