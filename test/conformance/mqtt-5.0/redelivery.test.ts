import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { lasting, leave, put, take } from './lasting.ts'

const { port } = await startBroker({ anonymous: true })
const publisher = await RawClient.connect(port)

/** A client whose session lasts, with messages on their way to it: their identifiers. */
async function owed(
  topic: string,
  qos: readonly (1 | 2)[],
): Promise<{ client: RawClient; ids: readonly number[] }> {
  const client = await lasting(port, topic, false)
  await client.subscribe({ topic, qos: 2 })
  const ids: number[] = []
  for (const [place, each] of qos.entries()) {
    await put(publisher, { topic, qos: each, payload: `${place}` })
    const { messageId = 0, dup } = await client.expect('publish')
    assert.equal(dup, false)
    ids.push(messageId)
  }
  return { client, ids }
}

describe('the broker as sender', () => {
  for (const [qos, id, first, kept] of [
    [1, '[MQTT-4.3.2-1]', '[MQTT-4.3.2-2]', '[MQTT-4.3.2-3]'],
    [2, '[MQTT-4.3.3-1]', '[MQTT-4.3.3-2]', '[MQTT-4.3.3-3]'],
  ] as const) {
    test(`${id} ${first} gives each QoS ${qos} message an identifier that is free, and DUP 0`, async () => {
      const { client, ids } = await owed(`fresh/${qos}`, [qos, qos, qos])
      assert.equal(new Set(ids).size, 3)
      assert.equal(ids.includes(0), false)
      const [one = 0, two = 0, three = 0] = ids
      if (qos === 1) client.send({ cmd: 'puback', messageId: two })
      await put(publisher, { topic: `fresh/${qos}`, qos, payload: 'more' })
      const { messageId = 0, dup } = await client.expect('publish')
      assert.equal(dup, false)
      assert.equal([one, three, 0].includes(messageId), false)
    })

    test(`${kept} [MQTT-4.4.0-1] [MQTT-3.3.1-1] QoS ${qos} is unacknowledged until the answer comes: sent again by its identifier, with DUP`, async () => {
      const topic = `kept/${qos}`
      const { ids } = await owed(topic, [qos])
      for (let time = 0; time < 3; time++) {
        const back = await lasting(port, topic, true)
        const { messageId, dup, payload, qos: sentAs } = await back.expect('publish')
        assert.deepEqual([messageId, dup, payload.toString(), sentAs], [ids[0], true, '0', qos])
        await back.silence()
      }
      assert.equal((await take(await lasting(port, topic, true))).messageId, ids[0])
      await (await lasting(port, topic, true)).silence()
    })

    test(`[MQTT-4.4.0-1] QoS ${qos} is not sent again on the same connection, or once the session is over`, async () => {
      const topic = `never/${qos}`
      const { client } = await owed(topic, [qos])
      await put(publisher, { topic, qos: 1, payload: 'next' })
      assert.equal((await client.expect('publish')).payload.toString(), 'next')
      await client.subscribe({ topic, qos: 2 })
      await client.silence()
      const anew = await lasting(port, topic, false, { clean: true })
      await anew.silence()
    })

    test(`[MQTT-4.4.0-2] QoS ${qos} refused by the client is over: not sent again, its place in the window free`, async () => {
      const topic = `refused/${qos}`
      const { client, ids } = await owed(topic, [qos])
      client.send({ cmd: qos === 1 ? 'puback' : 'pubrec', messageId: ids[0] ?? 0, reasonCode: 0x83 })
      await client.silence()
      const back = await lasting(port, topic, true, { properties: { receiveMaximum: 1 } })
      await back.silence()
      await put(publisher, { topic, qos: 1, payload: 'next' })
      assert.equal((await take(back)).payload.toString(), 'next')
    })
  }
})

describe('the broker as sender of QoS 2', () => {
  test('[MQTT-4.3.3-4] answers PUBREC with PUBREL by the same identifier, also a second PUBREC', async () => {
    const { client, ids } = await owed('released', [2, 2])
    for (const messageId of [...ids.toReversed(), ...ids]) {
      client.send({ cmd: 'pubrec', messageId })
      const pubrel = await client.expect('pubrel')
      assert.deepEqual([pubrel.messageId, pubrel.reasonCode ?? 0], [messageId, 0])
    }
  })

  test('[MQTT-4.3.3-5] [MQTT-4.3.3-6] [MQTT-4.4.0-1] after PUBREC sends PUBREL again until PUBCOMP, never PUBLISH', async () => {
    const { client, ids } = await owed('until/comp', [2])
    const [messageId = 0] = ids
    client.send({ cmd: 'pubrec', messageId })
    await client.expect('pubrel')
    for (let time = 0; time < 2; time++) {
      const back = await lasting(port, 'until/comp', true)
      assert.equal((await back.expect('pubrel')).messageId, messageId)
      await back.silence()
    }
    const back = await lasting(port, 'until/comp', true)
    await back.expect('pubrel')
    back.send({ cmd: 'pubcomp', messageId })
    await back.silence()
    await (await lasting(port, 'until/comp', true)).silence()
  })

  test('[MQTT-4.3.3-5] [MQTT-4.3.2-1] an identifier whose PUBREL is not answered is given to no other message', async () => {
    const { client, ids } = await owed('taken', [2])
    client.send({ cmd: 'pubrec', messageId: ids[0] ?? 0 })
    await client.expect('pubrel')
    await leave(client)
    const back = await lasting(port, 'taken', true)
    await back.expect('pubrel')
    await put(publisher, { topic: 'taken', qos: 1 })
    assert.notEqual((await back.expect('publish')).messageId, ids[0])
  })
})

describe('what is sent again', () => {
  test('[MQTT-4.6.0-1] [MQTT-4.4.0-1] sends again in the order of the first time, then what came meanwhile', async () => {
    const { client, ids } = await owed('order', [1, 2, 1, 2, 1])
    client.send({ cmd: 'puback', messageId: ids[2] ?? 0 })
    await leave(client)
    await put(publisher, { topic: 'order', qos: 1, payload: 'meanwhile' })
    const [left, payloads] = [ids.toSpliced(2, 1), ['0', '1', '3', '4', 'meanwhile']]
    for (let time = 0; time < 2; time++) {
      const back = await lasting(port, 'order', true)
      for (const [place, payload] of payloads.entries()) {
        const message = await back.expect('publish')
        assert.equal(message.payload.toString(), payload)
        if (place < left.length) assert.deepEqual([message.messageId, message.dup], [left[place], true])
      }
      await back.silence()
    }
  })

  test('[MQTT-4.6.0-4] sends PUBREL in the order of the PUBRECs, at first and again', async () => {
    const { client, ids } = await owed('released/order', [2, 2, 2, 2])
    const [a = 0, b = 0, c = 0, d = 0] = ids
    const order = [c, a, d, b]
    client.send(...order.map((messageId) => ({ cmd: 'pubrec', messageId }) as const))
    for (const messageId of order) assert.equal((await client.expect('pubrel')).messageId, messageId)
    const back = await lasting(port, 'released/order', true)
    for (const messageId of order) assert.equal((await back.expect('pubrel')).messageId, messageId)
    await back.silence()
  })
})

describe('the broker as receiver', () => {
  for (const [qos, id, cmd] of [
    [1, '[MQTT-4.6.0-2]', 'puback'],
    [2, '[MQTT-4.6.0-3]', 'pubrec'],
  ] as const) {
    test(`${id} answers QoS ${qos} in the order in which the messages came, taken or refused`, async () => {
      const client = await RawClient.connect(port)
      const ids = Array.from({ length: 20 }, (_, place) => 1 + ((place * 7) % 20))
      for (const [place, messageId] of ids.entries()) {
        client.publish({ topic: place % 3 === 1 ? '$SYS/no' : 'yes', qos, messageId })
      }
      for (const messageId of ids) assert.equal((await client.expect(cmd)).messageId, messageId)
    })
  }

  test('[MQTT-4.3.3-10] [MQTT-4.3.3-11] holds on to a QoS 2 identifier while its session is away', async () => {
    const hearer = await RawClient.connect(port)
    await hearer.subscribe({ topic: 'away', qos: 0 })
    const client = await lasting(port, 'away', false)
    client.publish({ topic: 'away', qos: 2, messageId: 5, payload: 'once' })
    await client.expect('pubrec')
    await hearer.expect('publish')
    await leave(client)
    const back = await lasting(port, 'away', true)
    back.publish({ topic: 'away', qos: 2, messageId: 5, payload: 'once', dup: true })
    await back.expect('pubrec')
    back.send({ cmd: 'pubrel', messageId: 5 })
    assert.equal((await back.expect('pubcomp')).reasonCode ?? 0, 0)
    await hearer.silence()
  })
})
