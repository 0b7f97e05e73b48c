import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { startBroker } from '../../support/broker.ts'
import { First, onEachLevel, packet, payloadsOf, text, uint16 } from '../../support/hand-written.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })
/** How many are sent at a time where most have to wait. */
const WINDOW = 3
const narrow = await startBroker({ anonymous: true, quotas: { inflightMessages: WINDOW } })

const PLACES: readonly number[] = Array.from({ length: 20 }, (_, place) => place)
const NAMES = PLACES.map(String)

/** Message after message in one write, all of one QoS or of both in turn. */
function publishes(topic: string, qosOf: (place: number) => number): Buffer {
  return Buffer.concat(
    PLACES.map((place) =>
      packet(First.publish | (qosOf(place) << 1), text(topic), uint16(place + 1), Buffer.from(`${place}`)),
    ),
  )
}

onEachLevel('[MQTT-4.6.0-1] what is sent again comes in the order in which it was sent', async (level) => {
  const topic = `again/${level}`
  const kept = { clientId: `again-${level}`, clean: false }
  const first = await RawClient.connect(port, level, kept)
  await first.subscribe({ topic, qos: 2 })
  const publisher = await RawClient.connect(port, level)
  publisher.write(publishes(topic, (place) => 1 + (place % 2)))
  const sent: number[] = []
  while (sent.length < PLACES.length) sent.push((await first.expect('publish')).messageId ?? 0)
  // one of them is acknowledged, and its place is nobody's
  first.send({ cmd: 'puback', messageId: sent[4] ?? 0 })
  await first.silence()
  for (let round = 0; round < 2; round += 1) {
    const back = await RawClient.connect(port, level, kept)
    const again: number[] = []
    while (again.length < PLACES.length - 1) again.push((await back.expect('publish')).messageId ?? 0)
    assert.deepEqual(again, sent.toSpliced(4, 1))
  }
})

onEachLevel('[MQTT-4.6.0-2] PUBACK come in the order of the PUBLISH of QoS 1', async (level) => {
  const client = await RawClient.connect(port, level)
  client.write(publishes('pubacks', () => 1))
  for (const place of PLACES) assert.equal((await client.expect('puback')).messageId, place + 1)
})

onEachLevel('[MQTT-4.6.0-3] PUBREC come in the order of the PUBLISH of QoS 2', async (level) => {
  const client = await RawClient.connect(port, level)
  client.write(publishes('pubrecs', () => 2))
  for (const place of PLACES) assert.equal((await client.expect('pubrec')).messageId, place + 1)
})

onEachLevel('[MQTT-4.6.0-4] PUBREL come in the order of the PUBREC', async (level) => {
  const topic = `pubrels/${level}`
  const client = await RawClient.connect(port, level)
  await client.subscribe({ topic, qos: 2 })
  const publisher = await RawClient.connect(port, level)
  publisher.write(publishes(topic, () => 2))
  const ids: number[] = []
  while (ids.length < PLACES.length) ids.push((await client.expect('publish')).messageId ?? 0)
  const order = [...ids.slice(10), ...ids.slice(0, 10).toReversed()]
  for (const messageId of order) client.send({ cmd: 'pubrec', messageId })
  for (const messageId of order) assert.equal((await client.expect('pubrel')).messageId, messageId)
})

onEachLevel('[MQTT-4.6.0-5] any topic is an ordered one: nobody has to ask for it', async (level) => {
  for (const qos of [0, 1, 2] as const) {
    const topic = `ordered/${level}/${qos}`
    const client = await RawClient.connect(port, level)
    await client.subscribe({ topic: 'ordered/#', qos })
    const publisher = await RawClient.connect(port, level)
    for (const place of PLACES) publisher.publish({ topic, qos, messageId: place + 1, payload: `${place}` })
    assert.deepEqual(await payloadsOf(client, NAMES.length), NAMES)
  }
})

onEachLevel(
  '[MQTT-4.6.0-6] each subscriber gets them in their order, and the others do not hold it up',
  async (level) => {
    const topic = `each/${level}`
    const kept = { clientId: `each-${level}`, clean: false }
    const away = await RawClient.connect(narrow.port, level, kept)
    await away.subscribe({ topic, qos: 1 })
    away.socket.destroy()
    const eager = await RawClient.connect(narrow.port, level)
    await eager.subscribe({ topic, qos: 0 })
    const slow = await RawClient.connect(narrow.port, level)
    await slow.subscribe({ topic, qos: 2 })
    const publisher = await RawClient.connect(narrow.port, level)
    publisher.write(publishes(topic, () => 1))
    assert.deepEqual(await payloadsOf(eager, NAMES.length), NAMES)
    assert.deepEqual(await acknowledged(slow), NAMES)
    const back = await RawClient.connect(narrow.port, level, kept)
    assert.deepEqual(await acknowledged(back), NAMES)
  },
)

onEachLevel(
  '[MQTT-4.6.0-6] messages of QoS 1 and of QoS 2 keep their order where most have to wait',
  async (level) => {
    for (const qos of [1, 2] as const) {
      const topic = `waiting/${level}/${qos}`
      const client = await RawClient.connect(narrow.port, level)
      await client.subscribe({ topic, qos })
      const publisher = await RawClient.connect(narrow.port, level)
      publisher.write(publishes(topic, () => qos))
      assert.deepEqual(await acknowledged(client), NAMES)
    }
  },
)

/** The payloads of all, of which as many as are in flight are acknowledged at a time. */
async function acknowledged(client: RawClient): Promise<readonly string[]> {
  const payloads: string[] = []
  while (payloads.length < PLACES.length) {
    const flight: PacketOf<'publish'>[] = []
    const size = Math.min(WINDOW, PLACES.length - payloads.length)
    while (flight.length < size) flight.push(await client.expect('publish'))
    for (const { qos, messageId = 0 } of flight) {
      if (qos < 2) continue
      client.send({ cmd: 'pubrec', messageId })
      assert.equal((await client.expect('pubrel')).messageId, messageId)
    }
    for (const { qos, messageId = 0 } of flight) {
      client.send({ cmd: qos === 1 ? 'puback' : 'pubcomp', messageId })
    }
    payloads.push(...flight.map(({ payload }) => String(payload)))
  }
  return payloads
}
