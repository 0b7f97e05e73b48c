import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { createMessage, type Message } from '../../../src/codec/message.ts'
import { acceptPublish } from '../../../src/protocol/accept-publish.ts'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { RecordedLog } from '../../support/recorded-log.ts'
import { StagedPeer } from '../../support/staged-peer.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const DECIDER = `
import { allow, definePlugin, deny, disconnect } from 'bulkhead/plugin'
const ANSWERS = {
  no: deny({ code: 0x87, reason: 'not yours', note: 'a secret', userProperties: [['ask', 'alice']] }),
  bare: deny(),
  hush: deny({ code: 0x87, ack: 'silent' }),
  out: disconnect({ code: 0x98, reason: 'enough' }),
}
export default definePlugin({ authorizePublish: (event) => ANSWERS[event.topic] ?? allow() })
`
const folder = tempFolder({ 'decider/plugin.ts': DECIDER })
const plugins = { [path.join(folder, 'decider')]: null }
const at = await startBroker({ anonymous: true, plugins })
const strict = await startBroker({ anonymous: true, plugins, mqtt: { onRefusedPublish: 'close' } })
const onDisk = await startBroker({ anonymous: true, plugins, data: tempFolder({}) })
const tight = await startBroker({ anonymous: true, quotas: { retainedMessages: 1, retainedBytes: 10 } })

describe('a refused PUBLISH', () => {
  for (const [qos, cmd] of [
    [1, 'puback'],
    [2, 'pubrec'],
  ] as const) {
    test(`MQTT 5, QoS ${qos}: ${cmd.toUpperCase()} carries code, reason and user properties, never the note`, async () => {
      const client = await RawClient.connect(at.port)
      client.publish({ topic: 'no', qos, messageId: 1 })
      const ack = await client.expect(cmd)
      assert.equal(ack.reasonCode, 0x87)
      assert.deepEqual({ ...ack.properties?.userProperties }, { ask: 'alice' })
      assert.equal(ack.properties?.reasonString, 'not yours')
      client.publish({ topic: 'bare', qos, messageId: 1 })
      assert.equal((await client.expect(cmd)).reasonCode, 0x80, 'where the plugin gives no code')
    })

    test(`MQTT 5, QoS ${qos}: acknowledged like any other where the plugin says silent`, async () => {
      const client = await RawClient.connect(at.port)
      client.publish({ topic: 'hush', qos, messageId: 1 })
      assert.equal((await client.expect(cmd)).reasonCode ?? 0, 0)
    })
  }

  test('[MQTT-3.1.2-29] gives no reason to who asked for none', async () => {
    const client = await RawClient.connect(at.port, 5, { properties: { requestProblemInformation: false } })
    client.publish({ topic: 'no', qos: 1, messageId: 1 })
    const { reasonCode, properties } = await client.expect('puback')
    assert.equal(reasonCode, 0x87)
    assert.deepEqual({ ...properties }, {})
  })

  test('of QoS 0 is dropped without a word', async () => {
    const client = await RawClient.connect(at.port)
    client.publish({ topic: 'no' })
    await client.silence()
  })

  test('ends the connection where the plugin says so', async () => {
    const v5 = await RawClient.connect(at.port)
    v5.publish({ topic: 'out' })
    assert.equal(await v5.disconnected(), 0x98)
    const v4 = await RawClient.connect(at.port, 4)
    v4.publish({ topic: 'out' })
    assert.deepEqual(await v4.end(), [])
  })

  test('before MQTT 5: is acknowledged and dropped, or closes, as the operator chose', async () => {
    const dropped = await RawClient.connect(at.port, 4)
    dropped.publish({ topic: 'no', qos: 1, messageId: 1 })
    await dropped.expect('puback')
    dropped.publish({ topic: 'no', qos: 2, messageId: 2 })
    await dropped.expect('pubrec')
    const closed = await RawClient.connect(strict.port, 4)
    closed.publish({ topic: 'no', qos: 1, messageId: 1 })
    assert.deepEqual(await closed.end(), [])
    const told = await RawClient.connect(strict.port, 5)
    told.publish({ topic: 'no', qos: 1, messageId: 1 })
    assert.equal((await told.expect('puback')).reasonCode, 0x87)
  })
})

test('acknowledgements leave in the order of their messages, refused or not', async () => {
  const client = await RawClient.connect(at.port)
  const sent = Array.from({ length: 40 }, (_, i) => i + 1)
  for (const messageId of sent) {
    client.publish({ topic: messageId % 3 === 0 ? 'no' : 'yes', qos: 1, messageId })
  }
  for (const messageId of sent) {
    const ack = await client.expect('puback')
    assert.deepEqual([ack.messageId, ack.reasonCode ?? 0], [messageId, messageId % 3 === 0 ? 0x87 : 0x10])
  }
})

test('a refusal that waits for the disk reaches who was refused, and nobody else', async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => RawClient.connect(onDisk.port)))
  const publish = { cmd: 'publish', qos: 1, dup: false, payload: 'x' } as const
  for (let round = 0; round < 8; round++) {
    for (const [of, client] of clients.entries()) {
      client.send(
        { ...publish, topic: 'yes', retain: true, messageId: 10 * of + 1 },
        { ...publish, topic: 'no', retain: false, messageId: 10 * of + 2 },
      )
    }
    for (const [of, client] of clients.entries()) {
      assert.equal((await client.expect('puback')).messageId, 10 * of + 1)
      assert.equal((await client.expect('puback')).messageId, 10 * of + 2)
    }
  }
})

/** What is retained at this broker, as a newcomer gets it. */
async function retained(port: number): Promise<readonly string[]> {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic: '#', qos: 0 })
  client.send({ cmd: 'disconnect' })
  const packets = await client.end()
  return packets.map((packet) => (packet.cmd === 'publish' ? packet.payload.toString() : packet.cmd))
}

describe('retained messages', () => {
  test('[MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-8] the last one replaces, an empty one removes', async () => {
    const client = await RawClient.connect(at.port)
    for (const payload of ['old', 'new']) client.publish({ topic: 'kept', payload, retain: true })
    client.publish({ topic: 'kept', payload: 'passing', qos: 1, messageId: 1 })
    await client.expect('puback')
    assert.deepEqual(await retained(at.port), ['new'])
    client.publish({ topic: 'kept', retain: true, qos: 1, messageId: 1 })
    await client.expect('puback')
    assert.deepEqual(await retained(at.port), [])
  })

  test('one above the quota is refused whole: MQTT 5 is told 0x97, and nobody gets it; a replacement may come', async () => {
    const client = await RawClient.connect(tight.port)
    await client.subscribe({ topic: '#', qos: 0 })
    const told: number[] = []
    for (const [topic, payload] of [
      ['a', 'one'],
      ['b', 'two'],
      ['a', 'too long for the quota'],
      ['a', 'three'],
    ] as const) {
      client.publish({ topic, payload, retain: true, qos: 1, messageId: 1 })
      if (topic === 'a' && payload.length < 10) await client.expect('publish')
      told.push((await client.expect('puback')).reasonCode ?? 0)
    }
    assert.deepEqual(told, [0, 0x97, 0x97, 0])
    client.publish({ topic: 'b', payload: 'two', retain: true, qos: 2, messageId: 2 })
    assert.equal((await client.expect('pubrec')).reasonCode, 0x97)
    client.publish({ topic: 'b', payload: 'passing', qos: 1, messageId: 3 })
    assert.equal(
      (await client.expect('publish')).payload.toString(),
      'passing',
      'what is not retained passes',
    )
    const old = await RawClient.connect(tight.port, 4)
    old.publish({ topic: 'c', payload: 'four', retain: true, qos: 1, messageId: 1 })
    await old.expect('puback')
    assert.deepEqual(await retained(tight.port), ['three'])
  })
})

test('[MQTT-4.3.3-10] a QoS 2 message is written down as received when those have it who are to have it', async () => {
  const realm = await StagedRealm.open()
  const { node } = realm
  let routed: ((ticket: number) => void) | null = null
  // as an engine with a disk, where plugins are asked who receives
  Object.defineProperties(node.engine, {
    settlesAtOnce: { value: false },
    publish: {
      value: (_tenant: string, _message: Message, then: typeof routed) => {
        routed = then
        return -2
      },
    },
  })
  for (const isGone of [false, true]) {
    const { peer, connection } = new StagedPeer(realm, `ann ${isGone}`)
    const { session } = peer
    assert.ok(session)
    const log = new RecordedLog()
    session.log = log
    session.expirySec = 600
    session.receive(7)
    const message = createMessage({ topic: 'a', payload: Buffer.from('x'), qos: 2, retain: false })
    // its client is to find it known when it sends it again on another connection
    if (isGone) peer.end(0x8b, 'server', { reason: 'bye' })
    connection.taken()
    acceptPublish(peer, realm.tenant, session, message, 7)
    assert.equal(log.told.includes('received 7'), false)
    ;(routed as ((ticket: number) => void) | null)?.(0)
    assert.equal(log.told.at(-1), 'received 7')
    assert.equal(connection.taken().length > 0, !isGone)
  }
})
