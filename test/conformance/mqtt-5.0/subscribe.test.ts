import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { ILL_FORMED_TEXTS } from '../../support/ill-formed-texts.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'

const { port } = await startBroker({ anonymous: true })
const KEPT = { clean: false, properties: { sessionExpiryInterval: 60 } }
const QOS = [0, 1, 2] as const

/** With which code the broker ends the connection that sends this. */
async function refusalOf(written: string): Promise<number | undefined> {
  const client = await RawClient.connect(port)
  client.write(hex(written))
  return client.disconnected()
}

/** A message that the broker has taken. */
async function publish(client: RawClient, topic: string, payload: string, retain = false): Promise<void> {
  client.publish({ topic, payload, retain, qos: 1, messageId: 9 })
  await client.expect('puback')
}

async function next(client: RawClient): Promise<PacketOf<'publish'>> {
  const packet = await client.expect('publish')
  const { messageId } = packet
  if (messageId !== undefined) client.send({ cmd: 'puback', messageId })
  return packet
}

describe('a SUBSCRIBE that breaks the standard ends the connection', () => {
  test('[MQTT-3.8.1-1] flags other than 0010 are malformed', async () => {
    for (let flags = 0; flags < 16; flags += 1) {
      if (flags === 2) continue
      assert.equal(await refusalOf(`8${flags.toString(16)} 07 0001 00 0001'a' 00`), 0x81, `flags ${flags}`)
    }
  })

  test('[MQTT-3.8.3-1] a filter that is no UTF-8 string is malformed, in whichever place', async () => {
    for (const [what, bytes] of ILL_FORMED_TEXTS) {
      const size = bytes.length / 2
      const written = `0001 00 0001'a' 00 00${size.toString(16).padStart(2, '0')} ${bytes} 00`
      assert.equal(await refusalOf(`82 ${(size + 10).toString(16).padStart(2, '0')} ${written}`), 0x81, what)
    }
    assert.equal(await refusalOf("82 07 0001 00 0005'a' 00"), 0x81, 'longer than the packet')
  })

  test('[MQTT-3.8.3-2] without a filter it is refused as cut short', async () => {
    assert.equal(await refusalOf('82 03 0001 00'), 0x81)
    assert.equal(await refusalOf('82 05 0001 02 0b 07'), 0x81)
  })

  test('[MQTT-3.8.3-4] No Local on a shared subscription is a protocol error, in whichever place', async () => {
    for (const qos of QOS) {
      const client = await RawClient.connect(port)
      const subscriptions = [
        { topic: 'a', qos, nl: true },
        { topic: '$share/g/a', qos, nl: true },
      ]
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions })
      assert.equal(await client.disconnected(), 0x82)
    }
  })

  test('[MQTT-3.8.3-5] reserved bits of Subscription Options are malformed, and so is QoS 3', async () => {
    for (const options of ['40', '80', 'c0', '41', '82', 'ff', '03']) {
      assert.equal(await refusalOf(`82 07 0001 00 0001'a' ${options}`), 0x81, options)
    }
    assert.equal(await refusalOf("82 07 0001 00 0001'a' 30"), 0x81, 'retain handling 3')
  })
})

describe('[MQTT-3.8.3-3] No Local', () => {
  test('keeps back what the client itself publishes, at every QoS, and nothing of others', async () => {
    const client = await RawClient.connect(port)
    const other = await RawClient.connect(port)
    await client.subscribe({ topic: 'nl/a', qos: 2, nl: true })
    for (const qos of QOS) client.publish({ topic: 'nl/a', qos, ...(qos > 0 && { messageId: qos }) })
    await client.expect('puback')
    await client.expect('pubrec')
    await client.silence()
    await publish(other, 'nl/a', 'theirs')
    assert.equal((await next(client)).payload.toString(), 'theirs')
  })

  test('without it the client hears itself, and so it does by another subscription', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'nl/b', qos: 0 }, { topic: 'nl/+', qos: 0, nl: true })
    client.publish({ topic: 'nl/b' })
    await client.expect('publish')
    client.publish({ topic: 'nl/c' })
    await client.silence()
  })

  test('holds for the client identifier: nothing of its own waits for it, its will included', async () => {
    const will = { topic: 'nl/d', payload: Buffer.from('will'), qos: 1, retain: false } as const
    const heard = await RawClient.connect(port)
    await heard.subscribe({ topic: 'nl/d', qos: 0 })
    const client = await RawClient.connect(port, 5, { clientId: 'local', ...KEPT, will })
    await client.subscribe({ topic: 'nl/d', qos: 1, nl: true })
    await publish(client, 'nl/d', 'own')
    client.socket.destroy()
    assert.deepEqual(
      [(await next(heard)).payload.toString(), (await next(heard)).payload.toString()],
      ['own', 'will'],
    )
    const back = await RawClient.connect(port, 5, { clientId: 'local', ...KEPT })
    await back.silence()
    await publish(back, 'nl/d', 'own again')
    await back.silence()
  })
})

describe('SUBACK', () => {
  test('[MQTT-3.8.4-1] [MQTT-3.8.4-2] answers each SUBSCRIBE with its packet identifier', async () => {
    const client = await RawClient.connect(port)
    const ids = [1, 2, 0x1234, 0x7fff, 0xffff]
    for (const messageId of ids) {
      client.send({ cmd: 'subscribe', messageId, subscriptions: [{ topic: `id/${messageId}`, qos: 0 }] })
    }
    for (const messageId of ids) assert.equal((await client.expect('suback')).messageId, messageId)
  })

  test('[MQTT-3.8.4-6] [MQTT-3.8.4-7] [MQTT-3.9.3-1] has a code for each filter, in their order', async () => {
    const client = await RawClient.connect(port)
    const wrong = ['a/#/b', 'a+', '#a', '$share/g', '$share//a', '$share/g+/a', '$share/g/']
    const asked = wrong.flatMap((topic, place) => [
      { topic, qos: 1 as const },
      { topic: `right/${place}`, qos: (place % 3) as 0 | 1 | 2 },
    ])
    const codes = await client.subscribe(...asked)
    assert.deepEqual(
      codes,
      wrong.flatMap((_, place) => [0x8f, place % 3]),
    )
  })

  test('[MQTT-3.8.4-5] many filters are taken as if they came one by one, and answered at once', async () => {
    const client = await RawClient.connect(port)
    await publish(client, 'many/r', 'kept', true)
    const codes = await client.subscribe(
      { topic: 'many/r', qos: 2, rh: 1 },
      { topic: 'many/s', qos: 0 },
      { topic: 'many/r', qos: 0, rh: 1 }, // is there by now: what is retained does not come once more
      { topic: 'many/s', qos: 1 },
    )
    assert.deepEqual(codes, [2, 0, 0, 1])
    assert.equal((await client.expect('publish')).retain, true)
    await client.silence()
    client.publish({ topic: 'many/r', qos: 1, messageId: 1 })
    assert.equal((await client.expect('publish')).qos, 0)
    await client.expect('puback')
    client.publish({ topic: 'many/s', qos: 2, messageId: 2 })
    await client.expect('pubrec')
    assert.equal((await next(client)).qos, 1)
    await client.silence()
  })
})

async function subscribeWith(
  client: RawClient,
  subscription: PacketOf<'subscribe'>['subscriptions'][number],
  subscriptionIdentifier: number,
): Promise<void> {
  const properties = { subscriptionIdentifier }
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [subscription], properties })
  await client.expect('suback')
}

describe('a subscription', () => {
  test('[MQTT-3.8.4-3] replaces one of the same filter, with all of its options', async () => {
    const client = await RawClient.connect(port)
    const other = await RawClient.connect(port)
    for (const [qos, on, id] of [
      [1, true, 7],
      [0, false, 8],
      [2, true, 9],
      [0, false, 10],
    ] as const) {
      await subscribeWith(client, { topic: 'same/#', qos, rh: 2, nl: on, rap: on }, id)
      await publish(other, 'same/t', 'x', true)
      const packet = await next(client)
      assert.deepEqual(
        [packet.qos, packet.retain, packet.properties?.subscriptionIdentifier],
        [Math.min(qos, 1), on, id],
      )
      client.publish({ topic: 'same/t' })
      if (!on) await client.expect('publish')
      await client.silence() // one copy, or with No Local none
    }
  })

  test('[MQTT-3.8.4-4] brings the retained messages anew, and loses nothing that comes meanwhile', async () => {
    const client = await RawClient.connect(port)
    const publisher = await RawClient.connect(port)
    await publish(publisher, 'anew/r', 'kept', true)
    await client.subscribe({ topic: 'anew/+', qos: 0 })
    assert.equal((await client.expect('publish')).retain, true)
    const sent = Array.from({ length: 40 }, (_, place) => `${place}`)
    for (const payload of sent) {
      publisher.publish({ topic: 'anew/live', payload })
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'anew/+', qos: 0, rh: 0 }] })
    }
    await publisher.silence()
    client.send({ cmd: 'pingreq' })
    const live: string[] = []
    let anew = 0
    let answered = 0
    while (live.length < sent.length || anew < sent.length || answered < sent.length) {
      const packet = await client.expect('publish', 'suback', 'pingresp')
      if (packet.cmd === 'suback') answered += 1
      else if (packet.cmd === 'publish' && packet.retain) anew += 1
      else if (packet.cmd === 'publish') live.push(packet.payload.toString())
    }
    assert.deepEqual(live, sent)
    assert.equal(anew, sent.length)
  })

  test('[MQTT-3.8.4-8] brings each message at the lower of its QoS and the granted one', async () => {
    const publisher = await RawClient.connect(port)
    for (const granted of QOS) {
      const client = await RawClient.connect(port)
      await client.subscribe({ topic: 'lower', qos: granted })
      for (const qos of QOS) {
        publisher.publish({ topic: 'lower', qos, ...(qos > 0 && { messageId: qos }) })
        assert.equal((await client.expect('publish')).qos, Math.min(qos, granted))
        if (qos === 1) await publisher.expect('puback')
        if (qos !== 2) continue
        await publisher.expect('pubrec')
        publisher.send({ cmd: 'pubrel', messageId: qos })
        await publisher.expect('pubcomp')
      }
    }
  })
})
