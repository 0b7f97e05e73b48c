import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'
import { lasting, leave, put, take } from './lasting.ts'

const { port } = await startBroker({ anonymous: true })
const publisher = await RawClient.connect(port)

const QOS = [0, 1, 2] as const

/** What a client that subscribes now hears of a filter. */
async function retainedOf(filter: string): Promise<readonly PacketOf<'publish'>[]> {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic: filter, qos: 2 })
  client.send({ cmd: 'pingreq' }, { cmd: 'disconnect', reasonCode: 0 })
  return (await client.end()).filter((packet) => packet.cmd === 'publish')
}

/** The payload of the one retained message of a topic; undefined: there is none. */
async function payloadOf(topic: string): Promise<string | undefined> {
  const messages = await retainedOf(topic)
  assert.ok(messages.length <= 1, 'a topic has one retained message')
  return messages[0]?.payload.toString()
}

describe('a retained message', () => {
  for (const before of QOS) {
    for (const after of QOS) {
      test(`[MQTT-3.3.1-5] of QoS ${after} replaces one of QoS ${before}`, async () => {
        const topic = `replace/${before}/${after}`
        await put(publisher, { topic, qos: before, retain: true, payload: 'old' })
        await put(publisher, { topic, qos: after, retain: true, payload: 'new' })
        const [message, ...more] = await retainedOf(topic)
        assert.deepEqual([message?.payload.toString(), message?.qos, message?.retain], ['new', after, true])
        assert.equal(more.length, 0)
      })
    }
  }

  for (const qos of QOS) {
    test(`[MQTT-3.3.1-6] [MQTT-3.3.1-7] QoS ${qos}: an empty one removes, is itself not kept, and is delivered`, async () => {
      const topic = `empty/${qos}`
      const present = await RawClient.connect(port)
      await present.subscribe({ topic, qos: 2 })
      await put(publisher, { topic, qos: 1, retain: true, payload: 'kept' })
      assert.equal((await take(present)).payload.toString(), 'kept')
      await put(publisher, { topic, qos, retain: true, payload: '' })
      const { payload, retain, qos: sentAs } = await take(present)
      assert.deepEqual([payload.length, retain, sentAs], [0, false, qos])
      assert.deepEqual(await retainedOf(topic), [])
    })

    test(`[MQTT-3.3.1-7] QoS ${qos}: an empty one where there is none leaves none`, async () => {
      await put(publisher, { topic: `void/${qos}`, qos, retain: true, payload: '' })
      assert.deepEqual(await retainedOf(`void/${qos}`), [])
    })

    test(`[MQTT-3.3.1-8] QoS ${qos}: with retain 0 a message is not kept, and what is kept stays`, async () => {
      const topic = `passing/${qos}`
      await put(publisher, { topic, qos, payload: 'passing' })
      assert.equal(await payloadOf(topic), undefined)
      await put(publisher, { topic, qos: 1, retain: true, payload: 'kept' })
      await put(publisher, { topic, qos, payload: 'passing' })
      assert.equal(await payloadOf(topic), 'kept')
      await put(publisher, { topic, qos, payload: '' })
      assert.equal(await payloadOf(topic), 'kept')
    })
  }

  test('[MQTT-3.3.1-6] one topic is cleared, and none of its neighbours', async () => {
    for (const topic of ['clear', 'clear/a', 'clear/a/b', 'clear/']) {
      await put(publisher, { topic, qos: 1, retain: true, payload: topic })
    }
    await put(publisher, { topic: 'clear/a', qos: 1, retain: true, payload: '' })
    const left = (await retainedOf('clear/#')).map(({ topic }) => topic)
    assert.deepEqual(left.toSorted(), ['clear', 'clear/', 'clear/a/b'])
  })
})

describe('retain handling', () => {
  const topic = 'handling'

  test('[MQTT-3.3.1-9] 0: each SUBSCRIBE brings what is retained, the first and those that replace it', async () => {
    await put(publisher, { topic, qos: 1, retain: true, payload: 'kept' })
    const client = await RawClient.connect(port)
    for (const qos of [1, 1, 0, 2] as const) {
      await client.subscribe({ topic: 'handling/#', qos, rh: 0 })
      const message = await take(client)
      assert.deepEqual(
        [message.payload.toString(), message.retain, message.qos],
        ['kept', true, Math.min(qos, 1)],
      )
    }
  })

  test('[MQTT-3.3.1-10] 1: only a subscription that was not there before brings it', async () => {
    const client = await lasting(port, 'handling-1', false)
    await client.subscribe({ topic, qos: 1, rh: 1 })
    assert.equal((await take(client)).retain, true)
    await client.subscribe({ topic, qos: 0, rh: 1 })
    await client.silence()
    await leave(client)
    const back = await lasting(port, 'handling-1', true)
    await back.subscribe({ topic, qos: 1, rh: 1 })
    await back.silence()
    back.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: [topic] })
    await back.expect('unsuback')
    await back.subscribe({ topic, qos: 1, rh: 1 })
    assert.equal((await take(back)).payload.toString(), 'kept')
  })

  test('[MQTT-3.3.1-11] 2: nothing retained comes, at first or again; what is published then comes', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic, qos: 1, rh: 2 })
    await client.subscribe({ topic, qos: 1, rh: 2 })
    await client.silence()
    await put(publisher, { topic, qos: 1, payload: 'live' })
    assert.equal((await take(client)).payload.toString(), 'live')
  })
})

describe('retain as published', () => {
  for (const qos of QOS) {
    test(`[MQTT-3.3.1-12] 0: what is forwarded has retain 0, QoS ${qos}`, async () => {
      assert.deepEqual(await flagsOf(`rap/0/${qos}`, qos, false), [false, false, false])
    })

    test(`[MQTT-3.3.1-13] 1: what is forwarded has the flag that it was published with, QoS ${qos}`, async () => {
      assert.deepEqual(await flagsOf(`rap/1/${qos}`, qos, true), [true, false, true])
    })
  }

  test('[MQTT-3.3.1-12] [MQTT-3.3.1-13] what waits for its client keeps the flag that its subscription asks for', async () => {
    const client = await lasting(port, 'rap-away', false)
    await client.subscribe(
      { topic: 'rap/away/0', qos: 1, rap: false },
      { topic: 'rap/away/1', qos: 1, rap: true },
    )
    await leave(client)
    for (const place of [0, 1]) {
      await put(publisher, { topic: `rap/away/${place}`, qos: 1, retain: true, payload: 'p' })
    }
    const back = await lasting(port, 'rap-away', true)
    assert.deepEqual([(await take(back)).retain, (await take(back)).retain], [false, true])
  })
})

/** The retain flags of what a subscriber gets: published with retain 1, with 0, and an empty one with 1. */
async function flagsOf(topic: string, qos: 0 | 1 | 2, rap: boolean): Promise<readonly boolean[]> {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic, qos, rap })
  const flags: boolean[] = []
  for (const [retain, payload] of [
    [true, 'p'],
    [false, 'p'],
    [true, ''],
  ] as const) {
    await put(publisher, { topic, qos, retain, payload })
    flags.push((await take(client)).retain)
  }
  return flags
}
