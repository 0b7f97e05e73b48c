import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { MqttClient } from 'mqtt'
import { startBroker } from '../support/broker.ts'
import { type Finished, NO_MOSQUITTO, run } from '../support/mosquitto.ts'
import { connectClient, connectWithInbox, disconnectReason, Inbox } from '../support/mqttjs.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

/**
 * What users of brokers with plugins ask for most. Here is a test for each wish that no other test bears out
 * from the wire to the plugin and back; the others are listed with the test that does. What this version does
 * not have is not here: TLS with its certificates and server names, the address behind a proxy, and plugins
 * that come and go while the broker runs.
 */
const PROVED_ELSEWHERE = {
  'the ACL still holds after a rewrite': [
    'transform.test.ts',
    'a client’s message that it moves to a refused topic is refused, all of it',
  ],
  'single filters are refused or rewritten': [
    'rewriting.test.ts',
    'each filter of a SUBSCRIBE has its own answer; the final form is what is authorised',
  ],
  'permission changes reach live sessions': [
    'access.test.ts',
    'reaches a live subscription and a remembered verdict at once',
  ],
  'a plugin publishes by itself': [
    'powers.test.ts',
    'publish: foreign clients receive it, as it was published',
  ],
  'retained messages are authorised': ['receive.test.ts', 'retained: when somebody subscribes'],
  'queued messages are authorised': [
    'receive.test.ts',
    'queued: when the client is back, by what holds then',
  ],
  'shared messages are authorised': ['receive.test.ts', 'shared: for the member whose turn it is'],
  'wills are authorised': [
    'wills.test.ts',
    'the will that it set is authorised when it is due, like any publish',
  ],
  'path, host and headers of a WebSocket are in the event of authenticate': [
    'web-socket-facts.test.ts',
    'plugins see the upgrade request; what proves an identity only with the password capability',
  ],
  'a plugin that does not build is reported with file, line and column': [
    '../src/broker.test.ts',
    'one that does not build',
  ],
} as const

/** Every plugin is one wish; `ctx.publish` is how it tells of what it has seen. */
const PLUGINS = {
  slow: `authorizePublish: ({ topic }) => {
    const end = Date.now() + (topic === 'slow' ? 1000 : 0)
    while (Date.now() < end);
    return allow()
  }`,
  broken: `authorizePublish: broken, authorizeSubscribe: broken, authorizeUnsubscribe: broken`,
  willing: 'authorizePublish: () => true, authorizeSubscribe: () => true, authorizeUnsubscribe: () => true',
  rewriting: `transformMessage: ({ topic }) => topic === 'raw' ? { op: 'patch', patch: {
    topic: 'cooked', payload: 'done', qos: 1, retain: true, properties: { contentType: 'text/plain' },
  } } : { op: 'pass' }`,
  words: `authorizePublish: ({ topic }) => topic === 'kick'
    ? disconnect({ code: 0x98, reason: 'go and ask' })
    : topic === 'sulk' ? deny({ code: 0x97, reason: 'too much', ack: 'silent' })
    : deny({ code: 0x97, reason: 'too much', userProperties: [['limit', '3']] })`,
  ours: `config: { type: 'object', properties: { prefix: { type: 'string' } }, required: ['prefix'] },
  authorizePublish: ({ topic }, ctx) => topic.startsWith(ctx.config.prefix) || deny('notAuthorized')`,
  properties: `authenticate: ({ userProperties }) => {
    const [, unit] = userProperties.find(([name]) => name === 'unit') ?? []
    return unit === undefined
      ? deny({ code: 0x87, reason: 'which unit?', userProperties: [['known', 'metric']] })
      : allow({ attributes: { unit }, connack: { userProperties: [['served-in', unit]] } })
  },
  transformMessage: ({ client, properties }) => ({ op: 'patch', patch: { properties: { userProperties: [
    ...(properties?.userProperties ?? []), ['unit', client.attributes.unit ?? ''],
  ] } } })`,
  watching: `capabilities: { publish: { topics: ['gone'] } },
  authorizePublish: ({ topic }) => topic === 'kick' ? disconnect('administrativeAction') : allow(),
  onBrokerClientDisconnected: ({ client, by, reasonCode, graceful, willPublished }, ctx) => ctx.publish({
    topic: 'gone', payload: [client.clientId, by, reasonCode, graceful, willPublished].join(' '), qos: 1,
  })`,
  throttling: `capabilities: { publish: { topics: ['met'] } },
  authorizePublish: ({ topic }) => topic === 'often' ? allow({ throttleMs: 300 }) : allow(),
  onBrokerQuotaExceeded: ({ client, limit, value }, ctx) => ctx.publish({
    topic: 'met', payload: [client?.clientId, limit, value].join(' '), qos: 1,
  })`,
} as const

const HEAD = `import { allow, definePlugin, deny, disconnect } from 'bulkhead/plugin'
const broken = () => { throw new Error('broken') }
export default definePlugin({
`
const folder = tempFolder(
  Object.fromEntries(
    Object.entries(PLUGINS).map(([name, hooks]) => [`${name}/plugin.ts`, `${HEAD}${hooks},\n})\n`]),
  ),
)
const use = (name: keyof typeof PLUGINS): string => path.join(folder, name)

/** A tenant with these plugins; its clients' user names begin with its name. */
function tenant(name: string, plugins: object, more: object = {}): object {
  return { [name]: { match: { usernamePrefix: `${name}:` }, anonymous: true, plugins, ...more } }
}

const only = (name: keyof typeof PLUGINS, more: object = {}): object =>
  tenant(name, { [use(name)]: {} }, more)

const { url, port } = await startBroker({
  tenants: {
    ...only('slow'),
    ...tenant('quick', { [use('willing')]: {} }),
    ...tenant(
      'broken',
      {
        broken: {
          use: use('broken'),
          onFault: {
            authorizePublish: 'deny',
            authorizeSubscribe: 'abstain',
            authorizeUnsubscribe: 'disconnect',
          },
        },
        willing: { use: use('willing') },
      },
      {},
    ),
    ...only('rewriting'),
    ...only('words'),
    ...tenant('red', { [use('ours')]: { prefix: 'red/' } }),
    ...tenant('blue', { [use('ours')]: { prefix: 'blue/' } }),
    ...only('properties'),
    ...only('watching'),
    ...only('throttling', { quotas: { subscriptionsPerSession: 2 } }),
  },
  sandbox: { limits: { softMs: 3000, wallMs: 6000 } },
})

/** MQTT.js, as a client of this tenant. */
function enter(name: string, options: object = {}): Promise<MqttClient> {
  return connectClient(url, { username: `${name}:ann`, protocolVersion: 5, ...options })
}

function raw(name: string, options: object = {}): Promise<RawClient> {
  return RawClient.connect(port, 5, { username: `${name}:ann`, ...options })
}

/** mosquitto_pub, as a client of this tenant. */
function publishBy(name: string, topic: string): Promise<Finished> {
  return run('mosquitto_pub', port, ['-V', '5', '-u', `${name}:ann`, '-t', topic, '-m', 'x', '-q', '1'])
}

test('a slow plugin does not stall the broker', async () => {
  const [slow, quick] = [await enter('slow'), await enter('quick')]
  const inbox = new Inbox(quick)
  await quick.subscribeAsync('t', { qos: 1 })
  const talk = async (): Promise<string> => {
    for (let n = 1; n <= 5; n += 1) {
      await quick.publishAsync('t', String(n), { qos: 1 })
      await inbox.take(n)
    }
    return 'five round trips'
  }
  const slowly = slow.publishAsync('slow', 'x', { qos: 1 })
  const first = await Promise.race([talk(), slowly.then(() => 'the plugin, after a second')])
  assert.equal(first, 'five round trips')
  await slowly
})

test('what happens on a failure is chosen per hook', async () => {
  const client = await enter('broken')
  await assert.rejects(client.publishAsync('t', 'x', { qos: 1 }), { code: 0x87 })
  const [granted] = await client.subscribeAsync('t', { qos: 1 })
  assert.equal(granted?.qos, 1)
  const reason = disconnectReason(client)
  client.unsubscribe('t')
  assert.equal(await reason, 0x87)
})

test('topic, payload, QoS, retain flag and properties are rewritten', async () => {
  const client = await enter('rewriting')
  await client.publishAsync('raw', 'meat', { qos: 2 })
  const inbox = new Inbox(client)
  await client.subscribeAsync('#', { qos: 2 })
  const [message] = await inbox.take(1)
  assert.deepEqual(
    [
      message?.topic,
      message?.payload,
      message?.qos,
      message?.retain,
      message?.packet.properties?.contentType,
    ],
    ['cooked', 'done', 1, true, 'text/plain'],
  )
})

test('reason codes, reason strings, silence or a disconnect are the plugin’s choice', async () => {
  const client = await raw('words')
  client.publish({ topic: 'any', qos: 1, messageId: 1 })
  const { reasonCode, properties } = await client.expect('puback')
  assert.deepEqual([reasonCode, properties?.reasonString], [0x97, 'too much'])
  assert.deepEqual({ ...properties?.userProperties }, { limit: '3' })
  client.publish({ topic: 'sulk', qos: 1, messageId: 2 })
  assert.equal((await client.expect('puback')).reasonCode ?? 0, 0)
  client.publish({ topic: 'kick', qos: 0 })
  const kicked = await client.expect('disconnect')
  assert.deepEqual([kicked.reasonCode, kicked.properties?.reasonString], [0x98, 'go and ask'])
})

test('each tenant has a set of plugins of its own', { skip: NO_MOSQUITTO }, async () => {
  const [own, foreign, other] = await Promise.all([
    publishBy('red', 'red/lamp'),
    publishBy('red', 'blue/lamp'),
    publishBy('blue', 'blue/lamp'),
  ])
  assert.equal(own.stderr, '')
  assert.match(foreign.stderr, /Not authorized/i)
  assert.equal(other.stderr, '')
})

test('user properties go both ways: from CONNECT and PUBLISH to plugins, from plugins to clients', async () => {
  const lost = await RawClient.open(port)
  const refusal = await lost.connack({ username: 'properties:ann' })
  assert.equal(refusal.reasonCode, 0x87)
  assert.deepEqual({ ...refusal.properties?.userProperties }, { known: 'metric' })
  const client = await RawClient.open(port)
  const admission = await client.connack({
    username: 'properties:ann',
    properties: { userProperties: { unit: 'metre' } },
  })
  assert.deepEqual({ ...admission.properties?.userProperties }, { 'served-in': 'metre' })
  await client.subscribe({ topic: 't', qos: 0 })
  client.publish({ topic: 't', properties: { userProperties: { from: 'ann' } } })
  const { properties } = await client.expect('publish')
  assert.deepEqual({ ...properties?.userProperties }, { from: 'ann', unit: 'metre' })
})

test('a disconnect event tells by whom, why, and whether the will goes out', async () => {
  const will = { topic: 'w', payload: Buffer.from('x'), qos: 0 as const, retain: false }
  const { client: watcher, inbox } = await connectWithInbox(url, {
    username: 'watching:w',
    protocolVersion: 5,
  })
  await watcher.subscribeAsync('gone', { qos: 1 })
  const polite = await raw('watching', { clientId: 'polite', will })
  polite.send({ cmd: 'disconnect' })
  const lost = await raw('watching', { clientId: 'lost', will })
  lost.socket.destroy()
  const kicked = await raw('watching', { clientId: 'kicked' })
  kicked.publish({ topic: 'kick' })
  const rude = await raw('watching', { clientId: 'rude' })
  rude.write(Buffer.from([0x00, 0x00]))
  await raw('watching', { clientId: 'twice' })
  await raw('watching', { clientId: 'twice' })
  const told = (await inbox.take(5)).map(({ payload }) => payload)
  assert.deepEqual(told.toSorted(), [
    'kicked plugin 152 false false',
    'lost network 128 false true',
    'polite client 0 true false',
    'rude server 130 false false',
    'twice takeover 142 false false',
  ])
})

test('a plugin decides to throttle, and is told of quotas by name and value', async () => {
  const client = await raw('throttling', { clientId: 'busy' })
  const start = performance.now()
  client.publish({ topic: 'often', qos: 1, messageId: 1 })
  await client.expect('puback')
  client.publish({ topic: 'often', qos: 1, messageId: 2 })
  await client.expect('puback')
  assert.ok(performance.now() - start >= 300)
  const granted = await client.subscribe(
    { topic: 'met', qos: 0 },
    { topic: 'a', qos: 0 },
    { topic: 'b', qos: 0 },
  )
  assert.deepEqual(granted, [0, 0, 0x97])
  assert.equal(String((await client.expect('publish')).payload), 'busy subscriptionsPerSession 2')
})

test('every other wish is a test of its own', () => {
  for (const [wish, [file, title]] of Object.entries(PROVED_ELSEWHERE)) {
    const at = path.join(import.meta.dirname, file)
    assert.ok(existsSync(at) && readFileSync(at, 'utf8').includes(`'${title}'`), `${wish}: ${file}: ${title}`)
  }
})
