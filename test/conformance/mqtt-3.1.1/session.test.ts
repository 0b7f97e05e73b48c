import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { First, onEachLevel, packet, payloadsOf, text, uint16 } from '../../support/hand-written.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

async function leave(client: RawClient): Promise<void> {
  client.send({ cmd: 'disconnect' })
  assert.deepEqual(await client.end(), [])
}

function keep(level: 3 | 4, clientId: string): Promise<RawClient> {
  return RawClient.connect(port, level, { clientId, clean: false })
}

/** Its messages are in the broker when this returns. */
async function publishAll(
  level: 3 | 4,
  ...messages: readonly { topic: string; payload: string; qos: 0 | 1 | 2 }[]
): Promise<void> {
  const publisher = await RawClient.connect(port, level)
  for (const message of messages) publisher.publish({ ...message, messageId: 1 + messages.indexOf(message) })
  for (const { qos } of messages) if (qos > 0) await publisher.expect(qos === 1 ? 'puback' : 'pubrec')
  await publisher.silence()
}

function essence({ qos, dup, messageId, payload }: PacketOf<'publish'>): unknown {
  return { qos, dup, messageId, payload: String(payload) }
}

onEachLevel(
  '[MQTT-3.1.2-4] without Clean Session, a session is resumed, or there is a new one',
  async (level) => {
    const clientId = `resumed-${level}`
    const first = await keep(level, clientId)
    await first.subscribe({ topic: clientId, qos: 0 })
    await leave(first)
    const second = await keep(level, clientId)
    await publishAll(level, { topic: clientId, payload: 'subscribed still', qos: 0 })
    assert.deepEqual(await payloadsOf(second, 1), ['subscribed still'])
  },
)

onEachLevel('[MQTT-3.1.2-4] a session outlives a connection that broke', async (level) => {
  const clientId = `broken-${level}`
  const first = await keep(level, clientId)
  await first.subscribe({ topic: clientId, qos: 0 })
  first.socket.destroy()
  const second = await keep(level, clientId)
  await publishAll(level, { topic: clientId, payload: 'subscribed still', qos: 0 })
  assert.deepEqual(await payloadsOf(second, 1), ['subscribed still'])
})

onEachLevel('[MQTT-3.1.2-5] QoS 1 and 2 messages wait for who is away, in their order', async (level) => {
  const clientId = `away-${level}`
  const first = await keep(level, clientId)
  await first.subscribe({ topic: `${clientId}/#`, qos: 2 })
  await leave(first)
  await publishAll(
    level,
    { topic: `${clientId}/a`, payload: 'one', qos: 1 },
    { topic: `${clientId}/b`, payload: 'two', qos: 2 },
    { topic: `${clientId}/a`, payload: 'three', qos: 1 },
  )
  const second = await keep(level, clientId)
  const got = [await second.expect('publish'), await second.expect('publish'), await second.expect('publish')]
  assert.deepEqual(
    got.map(({ payload, qos, dup }) => [String(payload), qos, dup]),
    [
      ['one', 1, false],
      ['two', 2, false],
      ['three', 1, false],
    ],
  )
})

onEachLevel(
  '[MQTT-3.1.2-6] with Clean Session, what was there is gone, and nothing is kept after it',
  async (level) => {
    const clientId = `discarded-${level}`
    const first = await keep(level, clientId)
    await first.subscribe({ topic: clientId, qos: 1 })
    await leave(first)
    await publishAll(level, { topic: clientId, payload: 'waits', qos: 1 })
    const clean = await RawClient.connect(port, level, { clientId, clean: true })
    await publishAll(level, { topic: clientId, payload: 'not subscribed', qos: 1 })
    await clean.subscribe({ topic: `${clientId}/other`, qos: 1 })
    await clean.silence()
    await leave(clean)
    await publishAll(level, { topic: `${clientId}/other`, payload: 'not subscribed', qos: 1 })
    const last = await keep(level, clientId)
    await publishAll(level, { topic: `${clientId}/other`, payload: 'nor now', qos: 1 })
    await last.silence()
  },
)

onEachLevel('[MQTT-3.1.2-6] a clean session ends with its connection, however that ends', async (level) => {
  const clientId = `clean-${level}`
  const clean = await RawClient.connect(port, level, { clientId, clean: true })
  await clean.subscribe({ topic: clientId, qos: 1 })
  clean.socket.destroy()
  const back = await RawClient.open(port, level)
  assert.equal((await back.connack({ clientId, clean: false })).sessionPresent, false)
  await publishAll(level, { topic: clientId, payload: 'not subscribed', qos: 1 })
  await back.silence()
})

onEachLevel(
  '[MQTT-3.1.2-7] a retained message is of no session, and stays when its publisher’s ends',
  async (level) => {
    const clientId = `retainer-${level}`
    const clean = await RawClient.connect(port, level, { clientId, clean: true })
    clean.publish({ topic: clientId, payload: 'stays', qos: 1, messageId: 1, retain: true })
    await clean.expect('puback')
    await leave(clean)
    const again = await RawClient.connect(port, level, { clientId, clean: true })
    await again.subscribe({ topic: clientId, qos: 0 })
    assert.deepEqual(await payloadsOf(again, 1), ['stays'])
  },
)

onEachLevel(
  '[MQTT-3.1.4-2] whoever comes with an identifier in use takes the place of who has it',
  async (level) => {
    const clientId = `taken-${level}`
    const first = await RawClient.connect(port, level, { clientId })
    const second = await RawClient.connect(port, level, { clientId })
    assert.deepEqual(await first.end(), [])
    await second.silence()
    const third = await keep(level, clientId)
    assert.deepEqual(await second.end(), [])
    await third.silence()
  },
)

onEachLevel('[MQTT-3.1.4-2] clients with different identifiers do not disturb each other', async (level) => {
  const one = await RawClient.connect(port, level, { clientId: `one-${level}` })
  await RawClient.connect(port, level, { clientId: `One-${level}` })
  await one.silence()
})

onEachLevel('[MQTT-3.1.4-3] Clean Session counts for who takes over, too', async (level) => {
  const clientId = `took-${level}`
  const first = await keep(level, clientId)
  await first.subscribe({ topic: clientId, qos: 1 })
  const second = await keep(level, clientId)
  await publishAll(level, { topic: clientId, payload: 'resumed', qos: 1 })
  assert.deepEqual(await payloadsOf(second, 1), ['resumed'])
  const third = await RawClient.connect(port, level, { clientId, clean: true })
  await publishAll(level, { topic: clientId, payload: 'nobody subscribed', qos: 1 })
  await third.silence()
})

onEachLevel(
  '[MQTT-4.1.0-1] the state is kept as long as there is a connection, of a clean session too',
  async (level) => {
    const topic = `lasting-${level}`
    const client = await RawClient.connect(port, level, { clean: true })
    await client.subscribe({ topic, qos: 2 })
    await publishAll(level, { topic, payload: 'under way', qos: 2 })
    const { messageId = 0 } = await client.expect('publish')
    for (let round = 0; round < 3; round += 1) await client.silence()
    client.send({ cmd: 'pubrec', messageId })
    assert.equal((await client.expect('pubrel')).messageId, messageId)
    await publishAll(level, { topic, payload: 'subscribed still', qos: 0 })
    assert.deepEqual(await payloadsOf(client, 1), ['subscribed still'])
  },
)

onEachLevel(
  '[MQTT-4.1.0-2] what a session holds is kept while its client is away, or comes in between',
  async (level) => {
    const clientId = `stored-${level}`
    const first = await keep(level, clientId)
    await first.subscribe({ topic: clientId, qos: 1 })
    first.publish({ topic: `${clientId}/sent`, qos: 2, messageId: 7 })
    await first.expect('pubrec')
    await leave(first)
    await leave(await keep(level, clientId))
    await publishAll(level, { topic: clientId, payload: 'waits', qos: 1 })
    const watcher = await RawClient.connect(port, level)
    await watcher.subscribe({ topic: `${clientId}/sent`, qos: 0 })
    const back = await keep(level, clientId)
    assert.deepEqual(await payloadsOf(back, 1), ['waits'])
    // the identifier of what was received and not released is known still
    back.publish({ topic: `${clientId}/sent`, qos: 2, messageId: 7, dup: true })
    await back.expect('pubrec')
    back.send({ cmd: 'pubrel', messageId: 7 })
    assert.equal((await back.expect('pubcomp')).messageId, 7)
    await watcher.silence()
  },
)

onEachLevel(
  '[MQTT-4.4.0-1] what is unacknowledged is sent again on the next connection, as it was',
  async (level) => {
    const clientId = `again-${level}`
    const first = await keep(level, clientId)
    await first.subscribe({ topic: clientId, qos: 2 })
    await publishAll(
      level,
      { topic: clientId, payload: 'one', qos: 1 },
      { topic: clientId, payload: 'two', qos: 2 },
      { topic: clientId, payload: 'three', qos: 2 },
      { topic: clientId, payload: 'four', qos: 1 },
    )
    const sent: PacketOf<'publish'>[] = []
    while (sent.length < 4) sent.push(await first.expect('publish'))
    const [one, two, three, four] = sent
    assert.ok(one !== undefined && two !== undefined && three !== undefined && four !== undefined)
    assert.ok(sent.every(({ dup }) => !dup))
    // nothing is sent again while the connection lasts
    await first.silence()
    first.send({ cmd: 'pubrec', messageId: two.messageId ?? 0 })
    await first.expect('pubrel')
    first.socket.destroy()

    const second = await keep(level, clientId)
    assert.equal((await second.expect('pubrel')).messageId, two.messageId)
    for (const before of [one, three, four]) {
      assert.deepEqual(essence(await second.expect('publish')), {
        ...(essence(before) as object),
        dup: true,
      })
    }
    await second.silence()
    second.send({ cmd: 'puback', messageId: one.messageId ?? 0 })
    second.send({ cmd: 'pubcomp', messageId: two.messageId ?? 0 })
    second.send({ cmd: 'pubrec', messageId: three.messageId ?? 0 })
    assert.equal((await second.expect('pubrel')).messageId, three.messageId)
    second.send({ cmd: 'pubcomp', messageId: three.messageId ?? 0 })
    await second.silence()
    second.socket.destroy()

    const third = await keep(level, clientId)
    assert.deepEqual(essence(await third.expect('publish')), { ...(essence(four) as object), dup: true })
    third.send({ cmd: 'puback', messageId: four.messageId ?? 0 })
    await third.silence()
    await leave(third)
    const last = await keep(level, clientId)
    await last.silence()
  },
)

onEachLevel('[MQTT-4.4.0-1] with Clean Session nothing is sent again', async (level) => {
  const clientId = `not-again-${level}`
  const first = await keep(level, clientId)
  await first.subscribe({ topic: clientId, qos: 1 })
  await publishAll(level, { topic: clientId, payload: 'once', qos: 1 })
  await first.expect('publish')
  first.socket.destroy()
  const second = await RawClient.connect(port, level, { clientId, clean: true })
  await second.silence()
})

test('[MQTT-3.2.2-1] with Clean Session, no session is present, whatever was there', async () => {
  const clientId = 'present-clean'
  await leave(await RawClient.connect(port, 4, { clientId, clean: false }))
  const client = await RawClient.open(port, 4)
  assert.equal((await client.connack({ clientId, clean: true })).sessionPresent, false)
})

test('[MQTT-3.2.2-2] without Clean Session, a stored session is present', async () => {
  const clientId = 'present-kept'
  for (const sessionPresent of [false, true, true]) {
    const client = await RawClient.open(port, 4)
    assert.equal((await client.connack({ clientId, clean: false })).sessionPresent, sessionPresent)
    await leave(client)
  }
})

test('[MQTT-3.2.2-3] without a stored session, none is present', async () => {
  const client = await RawClient.open(port, 4)
  assert.equal((await client.connack({ clientId: 'present-new', clean: false })).sessionPresent, false)
})

test('[MQTT-3.2.2-3] CONNACK of MQTT 3.1 has no session present: its byte is reserved', async () => {
  const clientId = 'present-3.1'
  await leave(await RawClient.connect(port, 3, { clientId, clean: false }))
  const client = await RawClient.open(port, 3)
  assert.equal((await client.connack({ clientId, clean: false })).sessionPresent, false)
})

test('[MQTT-3.1.2-4] [MQTT-3.1.2-5] a message that came while CONNECT was on its way is there once', async () => {
  const clientId = 'in-between'
  const first = await RawClient.connect(port, 4, { clientId, clean: false })
  await first.subscribe({ topic: clientId, qos: 1 })
  await leave(first)
  const publisher = await RawClient.connect(port, 4)
  const back = await RawClient.open(port, 4)
  const messages = Array.from({ length: 20 }, (_, place) =>
    packet(First.publish | 0b010, text(clientId), uint16(place + 1), Buffer.from(`${place}`)),
  )
  publisher.write(Buffer.concat(messages))
  await back.connack({ clientId, clean: false })
  const expected = messages.map((_, place) => `${place}`)
  assert.deepEqual(await payloadsOf(back, expected.length), expected)
  await back.silence()
})
