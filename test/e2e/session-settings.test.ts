import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { connectPacket, RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** The user name is what the plugin sets, as JSON. */
const SETTER = `
import { allow, definePlugin } from 'bulkhead/plugin'
const quotas = []
export default definePlugin({
  authenticate: (event) => {
    const fields = JSON.parse(event.username ?? '{}')
    return allow({ principal: 'ann', ...fields })
  },
  authorizePublish: (event) =>
    event.topic.startsWith('met/') ? quotas.includes(event.topic.slice(4)) : true,
  onBrokerQuotaExceeded: (event) => quotas.push(event.limit + '=' + event.value),
})
`
const folder = tempFolder({
  'one/plugin.ts': SETTER,
  'two/plugin.ts': SETTER.replace('{ principal', '{ session: { receiveMaximum: 3, maxQos: 2 }, principal'),
})
const { port } = await startBroker({ plugins: { [path.join(folder, 'one')]: null } })
const several = await startBroker({
  plugins: { [path.join(folder, 'one')]: null, two: { use: path.join(folder, 'two') } },
})

function asking(fields: object): { readonly username: string } {
  return { username: JSON.stringify(fields) }
}

const assigned = (assignedClientId: string, principal = 'ann'): { readonly username: string } =>
  asking({ principal, session: { assignedClientId } })

const withSession = (session: object): { readonly username: string } => asking({ session })

describe('what a plugin sets for a client', () => {
  test('CONNACK says, clamped to what the operator allows', async () => {
    const client = await RawClient.open(port)
    const session = {
      receiveMaximum: 5,
      maxQos: 1,
      maxPacketSize: 2000,
      topicAliasMax: 1,
      sessionExpirySec: 20,
    }
    const { properties } = await client.connack({
      ...withSession(session),
      properties: { sessionExpiryInterval: 100 },
    })
    assert.deepEqual(
      { ...properties },
      {
        receiveMaximum: 5,
        maximumQoS: 1,
        maximumPacketSize: 2000,
        topicAliasMaximum: 1,
        sessionExpiryInterval: 20,
      },
    )
    const greedy = await RawClient.open(port)
    const most = { receiveMaximum: 65_535, maxQos: 2, maxPacketSize: 100_000_000, topicAliasMax: 65_535 }
    assert.deepEqual(
      { ...(await greedy.connack(withSession(most))).properties },
      { receiveMaximum: 100, maximumPacketSize: 2 ** 20, topicAliasMaximum: 32 },
    )
  })

  test('of several plugins the tightest holds', async () => {
    const client = await RawClient.open(several.port)
    const { properties } = await client.connack(withSession({ receiveMaximum: 7, maxQos: 1 }))
    assert.deepEqual([properties?.receiveMaximum, properties?.maximumQoS], [7, 1])
  })
})

describe('what CONNACK said holds', () => {
  test('[MQTT-3.3.4-7] more under way than the receive maximum: 0x93', async () => {
    const client = await RawClient.connect(port, 5, withSession({ receiveMaximum: 2 }))
    for (const messageId of [1, 2]) {
      client.publish({ topic: 't', qos: 2, messageId })
      await client.expect('pubrec')
    }
    client.publish({ topic: 't', qos: 2, messageId: 3 })
    assert.equal(await client.disconnected(), 0x93)
  })

  test('[MQTT-3.2.2-11] a QoS above the maximum: 0x9B; it is granted to no subscription', async () => {
    const client = await RawClient.connect(port, 5, withSession({ maxQos: 1 }))
    assert.deepEqual(await client.subscribe({ topic: 't', qos: 2 }), [1])
    client.publish({ topic: 't', qos: 2, messageId: 1 })
    assert.equal(await client.disconnected(), 0x9b)
  })

  test('before MQTT 5 the QoS is lowered, and the exchange goes on as the client began it', async () => {
    const hearer = await RawClient.connect(port)
    await hearer.subscribe({ topic: 'low', qos: 2 })
    const client = await RawClient.connect(port, 4, {
      ...withSession({ maxQos: 0 }),
      will: { topic: 'low', payload: 'will', qos: 1, retain: false },
    })
    client.publish({ topic: 'low', qos: 1, messageId: 7 })
    assert.equal((await client.expect('puback')).messageId, 7)
    assert.equal((await hearer.expect('publish')).qos, 0)
    client.socket.destroy()
    assert.equal((await hearer.expect('publish')).qos, 0)
  })

  test('a packet above the size: 0x95; an alias above the maximum: 0x94', async () => {
    const large = await RawClient.connect(port, 5, withSession({ maxPacketSize: 100 }))
    large.publish({ topic: 't', payload: 'x'.repeat(100) })
    assert.equal(await large.disconnected(), 0x95)
    const aliased = await RawClient.connect(port, 5, withSession({ topicAliasMax: 0 }))
    aliased.publish({ topic: 't', properties: { topicAlias: 1 } })
    assert.equal(await aliased.disconnected(), 0x94)
  })
})

describe('what a plugin sets for a session', () => {
  test('no more waits for the client than queueMax', async () => {
    const kept = { clientId: 'sleeper', clean: false, properties: { sessionExpiryInterval: 60 } }
    const sleeper = await RawClient.connect(port, 5, { ...kept, ...withSession({ queueMax: 2 }) })
    await sleeper.subscribe({ topic: 'q', qos: 1 })
    sleeper.send({ cmd: 'disconnect' })
    await sleeper.end()
    const sender = await RawClient.connect(port)
    for (const messageId of [1, 2, 3]) {
      sender.publish({ topic: 'q', payload: `${messageId}`, qos: 1, messageId })
      await sender.expect('puback')
    }
    const back = await RawClient.connect(port, 5, kept)
    for (const payload of ['1', '2']) assert.equal(String((await back.expect('publish')).payload), payload)
    await back.silence()
  })

  test('a DISCONNECT does not make a session last longer than the plugin allows', async () => {
    const kept = { clientId: 'short', clean: false }
    const first = await RawClient.connect(port, 5, {
      ...kept,
      ...withSession({ sessionExpirySec: 0 }),
      properties: { sessionExpiryInterval: 60 },
    })
    first.send({ cmd: 'disconnect', properties: { sessionExpiryInterval: 60 } })
    assert.equal(await first.disconnected(), 0x82)
    const second = await RawClient.open(port)
    assert.equal((await second.connack(kept)).sessionPresent, false)
  })
})

describe('a rate that a plugin sets', () => {
  for (const [limit, value] of [
    ['publishPerSec', 4],
    ['bytesPerSec', 60],
  ] as const) {
    test(`${limit} makes it wait, and plugins are told of it by name and value`, async () => {
      const client = await RawClient.connect(port, 5, withSession({ [limit]: value }))
      const startedAt = performance.now()
      const payload = 'x'.repeat(10)
      const messageIds = [1, 2, 3, 4, 5, 6]
      for (const messageId of messageIds) client.publish({ topic: 't', payload, qos: 1, messageId })
      for (const _ of messageIds) await client.expect('puback')
      assert.ok(performance.now() - startedAt >= 200, 'the sixth is read when the debt is paid')
      const other = await RawClient.connect(port)
      other.publish({ topic: `met/${limit}=${value}`, qos: 1, messageId: 1 })
      assert.equal((await other.expect('puback')).reasonCode, 0x10)
    })
  }
})

describe('a client identifier that a plugin assigns', () => {
  test('names the session, and the client is told', async () => {
    const kept = { clean: false, properties: { sessionExpiryInterval: 60 } }
    const first = await RawClient.open(port)
    const connack = await first.connack({ ...kept, ...assigned('given') })
    assert.equal(connack.properties?.assignedClientIdentifier, 'given')
    const second = await RawClient.open(port)
    assert.equal((await second.connack({ ...kept, ...assigned('given') })).sessionPresent, true)
    assert.equal(await first.disconnected(), 0x8e)
  })

  test('takes no session of another principal: the CONNECT is refused, the other stays', async () => {
    const owner = await RawClient.connect(port, 5, { clientId: 'owned', ...asking({ principal: 'bob' }) })
    const thief = await RawClient.open(port)
    assert.equal((await thief.connack(assigned('owned'))).reasonCode, 0x85)
    await owner.silence()
  })

  test('is refused where it is none', async () => {
    for (const illegal of ['', 'a\nb', 'x'.repeat(257)]) {
      const client = await RawClient.open(port)
      assert.equal((await client.connack(assigned(illegal))).reasonCode, 0x87, 'a bad verdict denies')
    }
  })
})

test('[MQTT-3.2.2-19] [MQTT-3.2.2-20] what does not fit the client’s packet size is left out of CONNACK', async () => {
  const connack = { userProperties: [['name', 'x'.repeat(200)]], responseInformation: 'here' }
  for (const [maximumPacketSize, hasPairs] of [
    [100, false],
    [400, true],
  ] as const) {
    const client = await RawClient.open(port)
    client.send(
      connectPacket(5, {
        ...asking({ connack }),
        properties: { maximumPacketSize, requestResponseInformation: true },
      }),
    )
    const { properties } = await client.expect('connack')
    assert.equal(properties?.userProperties !== undefined, hasPairs)
    assert.equal(properties?.responseInformation, 'here')
  }
})
