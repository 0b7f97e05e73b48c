import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { startBroker } from '../../support/broker.ts'
import {
  First,
  onEachLevel,
  packet,
  payloadsOf,
  uint16,
  wrongFirstBytes,
} from '../../support/hand-written.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

/** Subscribes with QoS 2. */
async function subscriberOf(level: 3 | 4, ...topics: readonly string[]): Promise<RawClient> {
  const subscriber = await RawClient.connect(port, level)
  for (const topic of topics) await subscriber.subscribe({ topic, qos: 2 })
  return subscriber
}

onEachLevel(
  '[MQTT-4.3.1-1] a message of QoS 0 is sent once, and not again on another connection',
  async (level) => {
    const topic = `qos-0/${level}`
    const kept = { clientId: `qos-0-${level}`, clean: false }
    const first = await RawClient.connect(port, level, kept)
    await first.subscribe({ topic, qos: 2 })
    const publisher = await RawClient.connect(port, level)
    publisher.publish({ topic, payload: 'once' })
    assert.deepEqual(await payloadsOf(first, 1), ['once'])
    first.socket.destroy()
    const second = await RawClient.connect(port, level, kept)
    await second.silence()
  },
)

onEachLevel(
  '[MQTT-4.3.2-1] QoS 1: an unused identifier, no DUP, unacknowledged until PUBACK',
  async (level) => {
    const topic = `qos-1/${level}`
    const kept = { clientId: `qos-1-${level}`, clean: false }
    const first = await RawClient.connect(port, level, kept)
    await first.subscribe({ topic, qos: 1 })
    const publisher = await RawClient.connect(port, level)
    for (let place = 1; place <= 3; place += 1) publisher.publish({ topic, qos: 1, messageId: place })
    const sent = [await first.expect('publish'), await first.expect('publish'), await first.expect('publish')]
    assert.equal(new Set(sent.map(({ messageId }) => messageId)).size, 3)
    assert.ok(sent.every(({ dup, messageId = 0 }) => !dup && messageId > 0))
    // the second is acknowledged, and nothing else of it
    const ids = sent.map(({ messageId = 0 }) => messageId)
    first.send({ cmd: 'puback', messageId: ids[1] ?? 0 })
    await first.silence()
    first.socket.destroy()
    const second = await RawClient.connect(port, level, kept)
    for (const messageId of [ids[0], ids[2]]) {
      assert.equal((await second.expect('publish')).messageId, messageId)
    }
    await second.silence()
  },
)

onEachLevel(
  '[MQTT-4.3.2-2] QoS 1: each PUBLISH is a new message that is delivered and acknowledged',
  async (level) => {
    const topic = `received-1/${level}`
    const subscriber = await subscriberOf(level, topic)
    const publisher = await RawClient.connect(port, level)
    for (const [place, dup] of [false, true, false].entries()) {
      publisher.publish({ topic, payload: `${place}`, qos: 1, messageId: 8, dup })
      assert.equal((await publisher.expect('puback')).messageId, 8)
      assert.deepEqual(await payloadsOf(subscriber, 1), [`${place}`])
    }
  },
)

onEachLevel('[MQTT-4.3.3-1] QoS 2: PUBREL answers PUBREC, and no PUBLISH comes after it', async (level) => {
  const topic = `qos-2/${level}`
  const kept = { clientId: `qos-2-${level}`, clean: false }
  const first = await RawClient.connect(port, level, kept)
  await first.subscribe({ topic, qos: 2 })
  const publisher = await RawClient.connect(port, level)
  publisher.publish({ topic, qos: 2, messageId: 1 })
  const { dup, messageId = 0 } = await first.expect('publish')
  assert.ok(!dup && messageId > 0)
  first.socket.destroy()
  // unacknowledged until PUBREC: it comes again
  const second = await RawClient.connect(port, level, kept)
  assert.deepEqual(essenceOfId(await second.expect('publish')), { dup: true, messageId })
  for (let round = 0; round < 2; round += 1) {
    second.send({ cmd: 'pubrec', messageId })
    assert.equal((await second.expect('pubrel')).messageId, messageId)
  }
  second.socket.destroy()
  // unreleased until PUBCOMP: PUBREL comes again, PUBLISH does not
  const third = await RawClient.connect(port, level, kept)
  assert.equal((await third.expect('pubrel')).messageId, messageId)
  third.send({ cmd: 'pubcomp', messageId })
  await third.silence()
  third.socket.destroy()
  const last = await RawClient.connect(port, level, kept)
  await last.silence()
})

onEachLevel(
  '[MQTT-4.3.3-1] QoS 2: the bytes of PUBREL are its flags, its length and the identifier',
  async (level) => {
    const topic = `pubrel/${level}`
    const client = await subscriberOf(level, topic)
    const publisher = await RawClient.connect(port, level)
    publisher.publish({ topic, qos: 2, messageId: 1 })
    const { messageId = 0 } = await client.expect('publish')
    client.send({ cmd: 'pubrec', messageId })
    const [bytes] = (await once(client.socket, 'data')) as [Buffer]
    assert.deepEqual(bytes, packet(First.pubrel, uint16(messageId)))
  },
)

onEachLevel(
  '[MQTT-4.3.3-2] QoS 2: one message until PUBREL, however often it is sent, then a new one',
  async (level) => {
    const topic = `received-2/${level}`
    const kept = { clientId: `received-2-${level}`, clean: false }
    const subscriber = await subscriberOf(level, topic)
    let publisher = await RawClient.connect(port, level, kept)
    for (const payload of ['first', 'second']) {
      for (const dup of [false, true, true]) {
        publisher.publish({ topic, payload, qos: 2, messageId: 3, dup })
        assert.equal((await publisher.expect('pubrec')).messageId, 3)
      }
      // on another connection of the session, too
      publisher.socket.destroy()
      publisher = await RawClient.connect(port, level, kept)
      publisher.publish({ topic, payload, qos: 2, messageId: 3, dup: true })
      await publisher.expect('pubrec')
      for (let round = 0; round < 2; round += 1) {
        publisher.send({ cmd: 'pubrel', messageId: 3 })
        assert.equal((await publisher.expect('pubcomp')).messageId, 3)
      }
      assert.deepEqual(await payloadsOf(subscriber, 1), [payload])
      await subscriber.silence()
    }
  },
)

onEachLevel('[MQTT-3.6.1-1] PUBREL with other flags than 0010 closes the connection', async (level) => {
  for (const wrong of wrongFirstBytes(level, First.pubrel)) {
    const client = await RawClient.connect(port, level)
    client.publish({ topic: 'pubrel-flags', qos: 2, messageId: 1 })
    await client.expect('pubrec')
    client.write(packet(wrong, uint16(1)))
    assert.deepEqual(await client.end(), [], `first byte 0x${wrong.toString(16)}`)
  }
})

onEachLevel(
  '[MQTT-4.5.0-1] a message is for every session that subscribed, present or away',
  async (level) => {
    const topic = `everybody/${level}`
    const kept = { clientId: `everybody-${level}`, clean: false }
    const away = await RawClient.connect(port, level, kept)
    await away.subscribe({ topic, qos: 1 })
    away.send({ cmd: 'disconnect' })
    await away.end()
    const filters = [topic, `everybody/+`, '#', `+/${level}`, 'everybody/#']
    const present = await Promise.all(filters.map((filter) => subscriberOf(level, filter)))
    const other = await subscriberOf(level, `${topic}/below`)
    const publisher = await RawClient.connect(port, level)
    publisher.publish({ topic, payload: 'for all', qos: 1, messageId: 1 })
    await publisher.expect('puback')
    for (const client of [...present, await RawClient.connect(port, level, kept)]) {
      let publish = await client.expect('publish')
      // what `#` finds retained comes first
      while (publish.retain) publish = await client.expect('publish')
      assert.equal(String(publish.payload), 'for all')
    }
    await other.silence()
  },
)

onEachLevel(
  '[MQTT-4.5.0-2] of who does not acknowledge, the broker keeps what it has sent',
  async (level) => {
    const topic = `unanswered/${level}`
    const kept = { clientId: `unanswered-${level}`, clean: false }
    const publisher = await RawClient.connect(port, level)
    const first = await RawClient.connect(port, level, kept)
    await first.subscribe({ topic, qos: 2 })
    publisher.publish({ topic, payload: 'one', qos: 1, messageId: 1 })
    publisher.publish({ topic, payload: 'two', qos: 2, messageId: 2 })
    assert.deepEqual(await payloadsOf(first, 2), ['one', 'two'])
    first.socket.destroy()
    for (let round = 0; round < 2; round += 1) {
      const back = await RawClient.connect(port, level, kept)
      assert.deepEqual(await payloadsOf(back, 2), ['one', 'two'])
      back.socket.destroy()
    }
  },
)

function essenceOfId({ dup, messageId }: PacketOf<'publish'>): unknown {
  return { dup, messageId }
}
