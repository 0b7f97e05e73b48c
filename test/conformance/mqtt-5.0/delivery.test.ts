import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'
import { lasting, leave, put, take } from './lasting.ts'

const { port } = await startBroker({ anonymous: true })
const publisher = await RawClient.connect(port)

interface Wish {
  readonly topic: string
  readonly qos: 0 | 1 | 2
  /** 0: without. */
  readonly id: number
}

/** One SUBSCRIBE each: an identifier holds for all filters of its packet. */
async function subscribe(client: RawClient, ...wishes: readonly Wish[]): Promise<void> {
  for (const { topic, qos, id } of wishes) {
    const said = id === 0 ? {} : { properties: { subscriptionIdentifier: id } }
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }], ...said })
    await client.expect('suback')
  }
}

function idsOf({ properties }: PacketOf<'publish'>): readonly number[] {
  const ids = properties?.subscriptionIdentifier ?? []
  return (typeof ids === 'number' ? [ids] : ids).toSorted((one, other) => one - other)
}

describe('subscriptions that overlap', () => {
  for (const published of [0, 1, 2] as const) {
    for (const [one, other] of [
      [0, 1],
      [1, 0],
      [2, 1],
      [0, 2],
      [2, 0],
    ] as const) {
      test(`[MQTT-3.3.4-2] QoS ${published} to ones of QoS ${one} and ${other} comes by the highest of them`, async () => {
        const client = await RawClient.connect(port)
        const topic = `over/${published}/${one}/${other}`
        await subscribe(client, { topic, qos: one, id: 0 }, { topic: `${topic}/#`, qos: other, id: 0 })
        await put(publisher, { topic, qos: published, payload: 'p' })
        assert.equal((await take(client)).qos, Math.min(published, Math.max(one, other)))
        await client.silence()
      })
    }
  }

  for (const qos of [0, 1, 2] as const) {
    test(`[MQTT-3.3.4-3] [MQTT-3.3.4-4] [MQTT-3.3.4-5] bring one copy with the identifiers of all that match: QoS ${qos}`, async () => {
      const client = await RawClient.connect(port)
      await subscribe(
        client,
        { topic: `ids/${qos}/a`, qos, id: 1 },
        { topic: `ids/${qos}/+`, qos: 0, id: 268_435_455 },
        { topic: `ids/${qos}/#`, qos, id: 0 },
        { topic: `+/${qos}/a`, qos, id: 128 },
        { topic: `ids/${qos}/b`, qos, id: 7 },
      )
      await put(publisher, { topic: `ids/${qos}/a`, qos, payload: 'p' })
      const message = await take(client)
      assert.deepEqual([message.qos, idsOf(message)], [qos, [1, 128, 268_435_455]])
      await client.silence()
      await put(publisher, { topic: `ids/${qos}/a/b`, qos, payload: 'p' })
      assert.deepEqual(idsOf(await take(client)), [])
    })
  }

  test('[MQTT-3.3.4-5] that have copies of their own, a shared one and another, each bring their identifier', async () => {
    const client = await RawClient.connect(port)
    await subscribe(client, { topic: '$share/g/own', qos: 1, id: 3 }, { topic: 'own', qos: 1, id: 4 })
    await put(publisher, { topic: 'own', qos: 1, payload: 'p' })
    const ids = [idsOf(await take(client)), idsOf(await take(client))]
    assert.deepEqual(
      ids.flat().toSorted((one, other) => one - other),
      [3, 4],
    )
    await client.silence()
  })
})

describe('a subscription identifier', () => {
  test('[MQTT-3.3.4-3] is the one of the SUBSCRIBE that came last, or none', async () => {
    const client = await RawClient.connect(port)
    for (const id of [5, 6, 0]) {
      await subscribe(client, { topic: 'latest', qos: 1, id })
      await put(publisher, { topic: 'latest', qos: 1, payload: 'p' })
      assert.deepEqual(idsOf(await take(client)), id === 0 ? [] : [id])
    }
  })

  test('[MQTT-3.3.4-3] comes with what is retained, what waited and what is sent again', async () => {
    await put(publisher, { topic: 'kept', qos: 1, retain: true, payload: 'p' })
    const client = await lasting(port, 'identified', false)
    await subscribe(client, { topic: 'kept', qos: 1, id: 9 })
    assert.deepEqual(idsOf(await take(client)), [9])
    await leave(client)
    await put(publisher, { topic: 'kept', qos: 1, payload: 'p' })
    for (const isDup of [false, true]) {
      const message = await (await lasting(port, 'identified', true)).expect('publish')
      assert.deepEqual([message.dup, idsOf(message)], [isDup, [9]])
    }
  })
})

/** A client that has as many messages under way as it takes, and more behind them. */
async function full(topic: string, receiveMaximum: number): Promise<readonly [RawClient, readonly number[]]> {
  const client = await RawClient.connect(port, 5, { properties: { receiveMaximum } })
  await client.subscribe({ topic, qos: 2 })
  for (let place = 0; place < receiveMaximum + 3; place++) {
    await put(publisher, { topic, qos: place % 2 === 0 ? 1 : 2, payload: `${place}` })
  }
  const ids: number[] = []
  for (let place = 0; place < receiveMaximum; place++) {
    const message = await client.expect('publish')
    assert.equal(message.payload.toString(), `${place}`)
    ids.push(message.messageId ?? 0)
  }
  return [client, ids]
}

describe('the receive maximum of a client', () => {
  for (const most of [1, 2, 5]) {
    test(`[MQTT-3.3.4-9] [MQTT-4.9.0-1] [MQTT-4.9.0-2] is never exceeded: ${most}`, async () => {
      const [client, ids] = await full(`window/${most}`, most)
      await client.silence()
      client.send({ cmd: 'puback', messageId: ids[0] ?? 0 })
      assert.equal((await client.expect('publish')).payload.toString(), `${most}`)
      await client.silence()
    })
  }

  for (const [what, code, isFreed] of [
    ['a PUBREC leaves the place taken', 0, false],
    ['a PUBREC that refuses frees it', 0x97, true],
  ] as const) {
    test(`[MQTT-4.9.0-1] [MQTT-4.9.0-2] ${what}`, async () => {
      const [client, ids] = await full(`rec/${code}`, 2)
      const messageId = ids[1] ?? 0
      client.send({ cmd: 'pubrec', messageId, reasonCode: code })
      if (!isFreed) {
        await client.expect('pubrel')
        await client.silence()
        client.send({ cmd: 'pubcomp', messageId })
      }
      assert.equal((await client.expect('publish')).payload.toString(), '2')
      await client.silence()
    })
  }

  test('[MQTT-4.9.0-1] is not raised by answers to what was not sent, or by a second answer', async () => {
    const [client, ids] = await full('raise', 2)
    for (const messageId of [40_000, 40_001]) {
      client.send({ cmd: 'puback', messageId }, { cmd: 'pubcomp', messageId })
    }
    await client.silence()
    const [messageId = 0] = ids
    client.send({ cmd: 'puback', messageId }, { cmd: 'puback', messageId })
    assert.equal((await client.expect('publish')).payload.toString(), '2')
    await client.silence()
  })
})

describe('the receive maximum of a connection', () => {
  test('[MQTT-4.9.0-1] is whole again on each connection, and counts what is sent again', async () => {
    const client = await lasting(port, 'anew', false, { properties: { receiveMaximum: 3 } })
    await client.subscribe({ topic: 'anew', qos: 1 })
    for (const payload of ['0', '1', '2', '3']) await put(publisher, { topic: 'anew', qos: 1, payload })
    for (const payload of ['0', '1', '2']) {
      assert.equal((await client.expect('publish')).payload.toString(), payload)
    }
    await client.silence()
    const back = await lasting(port, 'anew', true, { properties: { receiveMaximum: 2 } })
    for (const payload of ['0', '1']) {
      const message = await back.expect('publish')
      assert.deepEqual([message.payload.toString(), message.dup], [payload, true])
    }
    await back.silence()
  })

  test('[MQTT-3.3.4-10] [MQTT-4.9.0-3] holds nothing back but QoS 1 and 2: all other packets go on', async () => {
    const [client] = await full('others', 1)
    assert.deepEqual(await client.subscribe({ topic: 'others/0', qos: 0 }), [0])
    await put(publisher, { topic: 'others/0', payload: 'zero' })
    assert.equal((await client.expect('publish')).qos, 0)
    await put(client, { topic: 'elsewhere', qos: 1 })
    await put(client, { topic: 'elsewhere', qos: 2 })
    client.send({ cmd: 'pubrec', messageId: 40_000 })
    await client.expect('pubrel')
    client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['others/0'] })
    await client.expect('unsuback')
    await client.silence()
    client.write(Buffer.of(0x36, 0))
    assert.equal(await client.disconnected(), 0x81)
  })
})

describe('order', () => {
  for (const qos of [0, 1, 2] as const) {
    test(`[MQTT-4.6.0-5] [MQTT-4.6.0-6] QoS ${qos}: all consumers get what a client publishes in its order`, async () => {
      const filters = [`line/${qos}`, `line/+`, '$share/one/line/#']
      const hearers = await Promise.all(filters.map(() => RawClient.connect(port)))
      for (const [place, hearer] of hearers.entries()) {
        await hearer.subscribe({ topic: filters[place] ?? '', qos })
      }
      const client = await RawClient.connect(port)
      const payloads = Array.from({ length: 15 }, (_, place) => `${place}`)
      for (const [place, payload] of payloads.entries()) {
        client.publish({ topic: `line/${qos}`, qos, messageId: place + 1, payload })
      }
      for (const hearer of hearers) {
        const heard: string[] = []
        while (heard.length < payloads.length) heard.push((await hearer.expect('publish')).payload.toString())
        assert.deepEqual(heard, payloads)
      }
      for (const hearer of hearers) await leave(hearer)
    })
  }

  test('[MQTT-4.6.0-5] [MQTT-4.6.0-6] holds through a closed window and an absence', async () => {
    const client = await lasting(port, 'line-away', false, { properties: { receiveMaximum: 2 } })
    await client.subscribe({ topic: 'queue', qos: 1 })
    for (const payload of ['0', '1', '2', '3']) await put(publisher, { topic: 'queue', qos: 1, payload })
    for (const payload of ['0', '1', '2']) assert.equal((await take(client)).payload.toString(), payload)
    await leave(client)
    for (const payload of ['4', '5']) await put(publisher, { topic: 'queue', qos: 1, payload })
    const back = await lasting(port, 'line-away', true, { properties: { receiveMaximum: 1 } })
    for (const payload of ['3', '4', '5']) assert.equal((await take(back)).payload.toString(), payload)
  })
})
