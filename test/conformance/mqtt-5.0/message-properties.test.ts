import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startBroker } from '../../support/broker.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'
import { lasting, leave, put, take } from './lasting.ts'

const { port } = await startBroker({ anonymous: true })

/** In an order of their own, names twice and out of the alphabet's order, some of them empty. */
const USER_PROPERTIES = hex(
  `26 0001'b' 0001'1'  26 0001'a' 0001'2'  26 0001'b' 0001'3'  26 0000 0000
   26 0001'a' 0001'2'  26 0002 c3a4 0000`,
)
const OTHERS = hex(`01 01  03 0009'text/html'  08 0005're/to'  09 0004 00ff0d0a`)
const PAYLOAD = 'ä'

/** A PUBLISH by hand, with all properties that are the subscribers' too. */
function withAll(topic: string, qos: 0 | 1 | 2, retain: boolean): Buffer {
  const said = Buffer.concat([OTHERS, USER_PROPERTIES])
  const id = qos === 0 ? [] : [0, 1]
  const head = Buffer.of(...id, said.length)
  const body = [Buffer.of(0, topic.length), Buffer.from(topic), head, said, Buffer.from(PAYLOAD)]
  const size = Buffer.concat(body).length
  assert.ok(size < 128)
  return Buffer.concat([Buffer.of(0x30 | (qos << 1) | (retain ? 1 : 0), size), ...body])
}

/** The bytes that a client hears from now on. */
function listen(client: RawClient): () => Buffer {
  const chunks: Buffer[] = []
  client.socket.on('data', (chunk: Buffer) => void chunks.push(chunk))
  return () => Buffer.concat(chunks)
}

type Arrival = { readonly message: PacketOf<'publish'>; readonly bytes: Buffer }

/** A message with all properties that goes to a subscriber at once. */
async function live(topic: string, qos: 0 | 1 | 2, granted: 0 | 1 | 2 = qos, more = {}): Promise<Arrival> {
  const client = await RawClient.connect(port)
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: granted }], ...more })
  await client.expect('suback')
  const bytes = listen(client)
  const publisher = await RawClient.connect(port)
  publisher.write(withAll(topic, qos, false))
  return { message: await client.expect('publish'), bytes: bytes() }
}

async function retained(topic: string): Promise<Arrival> {
  const publisher = await RawClient.connect(port)
  publisher.write(withAll(topic, 1, true))
  await publisher.expect('puback')
  const client = await RawClient.connect(port)
  const bytes = listen(client)
  await client.subscribe({ topic, qos: 1 })
  return { message: await client.expect('publish'), bytes: bytes() }
}

async function away(topic: string): Promise<Arrival> {
  const client = await lasting(port, topic, false)
  await client.subscribe({ topic, qos: 2 })
  await leave(client)
  const publisher = await RawClient.connect(port)
  publisher.write(withAll(topic, 2, false))
  await publisher.expect('pubrec')
  return heardBack(topic)
}

async function again(topic: string): Promise<Arrival> {
  const client = await lasting(port, topic, false)
  await client.subscribe({ topic, qos: 1 })
  const publisher = await RawClient.connect(port)
  publisher.write(withAll(topic, 1, false))
  await client.expect('publish')
  return heardBack(topic)
}

async function heardBack(clientId: string): Promise<Arrival> {
  const back = await RawClient.open(port)
  const bytes = listen(back)
  const connack = await back.connack({ clientId, clean: false })
  assert.equal(connack.sessionPresent, true)
  return { message: await back.expect('publish'), bytes: bytes() }
}

describe('what the publisher says of its message', () => {
  for (const [way, arrive] of [
    ['by QoS 0', () => live('props/0', 0)],
    ['by QoS 1', () => live('props/1', 1)],
    ['by QoS 2', () => live('props/2', 2)],
    ['lowered to QoS 0', () => live('props/2/0', 2, 0)],
    ['with an identifier', () => live('props/id', 0, 0, { properties: { subscriptionIdentifier: 5 } })],
    ['retained', () => retained('props/retained')],
    ['after it waited for its client', () => away('props/away')],
    ['sent again', () => again('props/again')],
  ] as const) {
    const forwarded = '[MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-20]'
    test(`${forwarded} [MQTT-3.3.2-17] [MQTT-3.3.2-18] reaches subscribers unaltered and in order: ${way}`, async () => {
      const { message, bytes } = await arrive()
      const { payload, properties } = message
      assert.equal(payload.toString(), PAYLOAD)
      assert.equal(properties?.payloadFormatIndicator, true)
      assert.equal(properties?.contentType, 'text/html')
      assert.equal(properties?.responseTopic, 're/to')
      assert.equal(properties?.correlationData?.toString('hex'), '00ff0d0a')
      assert.ok(bytes.includes(USER_PROPERTIES), 'the foreign library does not keep the order of pairs')
    })
  }

  test('[MQTT-3.3.2-4] a payload format of 0 is forwarded as well, and none where none was said', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'format', qos: 1 })
    const publisher = await RawClient.connect(port)
    const first = { payloadFormatIndicator: false }
    await put(publisher, { topic: 'format', qos: 1, payload: 'p', properties: first })
    await put(publisher, { topic: 'format', qos: 1, payload: 'p' })
    assert.equal((await take(client)).properties?.payloadFormatIndicator, false)
    assert.equal((await take(client)).properties?.payloadFormatIndicator, undefined)
  })

  test('[MQTT-3.3.2-16] [MQTT-3.3.2-20] empty correlation data and an empty content type are forwarded', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'empty', qos: 0 })
    const bytes = listen(client)
    const publisher = await RawClient.connect(port)
    publisher.write(hex("30 0e 0005'empty' 06 03 0000 09 0000"))
    await client.expect('publish')
    assert.ok(bytes().includes(hex('06 03 0000 09 0000')))
  })
})

const ILL_FORMED = [
  ['an overlong character', 'c0af'],
  ['a surrogate', 'eda080'],
  ['a byte that leads nothing', 'ff'],
  ['a character that is cut off', 'e282'],
  ['what is above U+10FFFF', 'f4908080'],
  ['U+0000', '00'],
] as const

for (const [id, property, what] of [
  ['[MQTT-3.3.2-13]', 0x08, 'a response topic'],
  ['[MQTT-3.3.2-19]', 0x03, 'a content type'],
] as const) {
  describe(what, () => {
    for (const [fault, bytes] of ILL_FORMED) {
      for (const qos of [0, 1] as const) {
        test(`${id} is UTF-8: ${fault} is malformed, QoS ${qos}`, async () => {
          assert.equal(await refusalOf(property, hex(`'a'${bytes}`), qos), 0x81)
        })
      }
    }
  })
}

describe('a response topic', () => {
  for (const topic of ['#', '+', 're/#', 're/+/to', 'a+']) {
    test(`[MQTT-3.3.2-14] has no wildcard: ${topic}`, async () => {
      assert.equal(await refusalOf(0x08, Buffer.from(topic), 1), 0x82)
    })
  }
})

/** How a PUBLISH with one property is refused. */
async function refusalOf(property: number, value: Buffer, qos: 0 | 1): Promise<number | undefined> {
  const client = await RawClient.connect(port)
  const said = Buffer.concat([Buffer.of(property, 0, value.length), value])
  const id = qos === 0 ? [] : [0, 1]
  const body = Buffer.concat([hex("0001't'"), Buffer.of(...id, said.length), said])
  client.write(Buffer.concat([Buffer.of(0x30 | (qos << 1), body.length), body]))
  return client.disconnected()
}

/** Longer than the shortest expiry that there is. */
const PAST_EXPIRY_MS = 1100
const ONE_SECOND = { messageExpiryInterval: 1 }

// side by side: each waits for a second to pass
describe('the message expiry interval', { concurrency: true }, () => {
  dropsExpired()
  countsDown()
  endsWhatWasSent()
})

function dropsExpired(): void {
  test('[MQTT-3.3.2-5] what expired while its client was away is not delivered; what did not, is', async () => {
    const client = await lasting(port, 'expiry-away', false)
    await client.subscribe({ topic: 'expiry/away', qos: 2 })
    await leave(client)
    const publisher = await RawClient.connect(port)
    for (const [qos, payload, properties] of [
      [1, 'gone', ONE_SECOND],
      [1, 'stays', {}],
      [2, 'gone', ONE_SECOND],
      [2, 'stays', { messageExpiryInterval: 100 }],
    ] as const) {
      await put(publisher, { topic: 'expiry/away', qos, payload, properties })
    }
    await wait(PAST_EXPIRY_MS)
    const back = await lasting(port, 'expiry-away', true)
    for (const qos of [1, 2]) {
      const message = await take(back)
      assert.deepEqual([message.payload.toString(), message.qos], ['stays', qos])
    }
    await back.silence()
  })

  test('[MQTT-3.3.2-5] what expired while the window was closed is not delivered', async () => {
    const client = await RawClient.connect(port, 5, { properties: { receiveMaximum: 1 } })
    await client.subscribe({ topic: 'expiry/window', qos: 1 })
    const publisher = await RawClient.connect(port)
    await put(publisher, { topic: 'expiry/window', qos: 1, payload: 'first' })
    await put(publisher, { topic: 'expiry/window', qos: 1, payload: 'gone', properties: ONE_SECOND })
    await put(publisher, { topic: 'expiry/window', qos: 1, payload: 'last' })
    await wait(PAST_EXPIRY_MS)
    assert.equal((await take(client)).payload.toString(), 'first')
    assert.equal((await take(client)).payload.toString(), 'last')
    await client.silence()
  })

  test('[MQTT-3.3.2-5] a retained message that expired is not delivered', async () => {
    const publisher = await RawClient.connect(port)
    const gone = { topic: 'expiry/retained/gone', qos: 1, retain: true, payload: 'gone' } as const
    await put(publisher, { ...gone, properties: ONE_SECOND })
    await put(publisher, { topic: 'expiry/retained/stays', qos: 1, retain: true, payload: 'stays' })
    await wait(PAST_EXPIRY_MS)
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'expiry/retained/#', qos: 1 })
    assert.equal((await take(client)).payload.toString(), 'stays')
    await client.silence()
  })
}

function countsDown(): void {
  test('[MQTT-3.3.2-6] goes on less the time that the message waited: at once, retained, for its client', async () => {
    const properties = { messageExpiryInterval: 100 }
    const client = await lasting(port, 'expiry-left', false)
    await client.subscribe({ topic: 'expiry/left', qos: 1 })
    const publisher = await RawClient.connect(port)
    await put(publisher, { topic: 'expiry/left', qos: 1, payload: 'now', properties })
    assert.equal((await take(client)).properties?.messageExpiryInterval, 100)
    await leave(client)
    await put(publisher, { topic: 'expiry/left', qos: 1, retain: true, payload: 'later', properties })
    await wait(PAST_EXPIRY_MS)
    const back = await lasting(port, 'expiry-left', true)
    assertCountedDown(await take(back))
    await back.subscribe({ topic: 'expiry/left', qos: 0 })
    assertCountedDown(await take(back))
  })

  test('[MQTT-3.3.2-6] goes on less the time since, when the message is sent again', async () => {
    const client = await lasting(port, 'expiry-again', false)
    await client.subscribe({ topic: 'expiry/again', qos: 1 })
    const publisher = await RawClient.connect(port)
    const properties = { messageExpiryInterval: 100 }
    await put(publisher, { topic: 'expiry/again', qos: 1, payload: 'p', properties })
    await client.expect('publish')
    await wait(PAST_EXPIRY_MS)
    assertCountedDown(await take(await lasting(port, 'expiry-again', true)))
  })
}

function endsWhatWasSent(): void {
  for (const qos of [1, 2] as const) {
    test(`[MQTT-4.3.3-7] QoS ${qos}: what was sent does not expire any more: it is sent again, and ended`, async () => {
      const topic = `expiry/sent/${qos}`
      const client = await lasting(port, topic, false)
      await client.subscribe({ topic, qos })
      const publisher = await RawClient.connect(port)
      await put(publisher, { topic, qos, payload: 'p', properties: ONE_SECOND })
      const { messageId } = await client.expect('publish')
      await wait(PAST_EXPIRY_MS)
      const back = await lasting(port, topic, true)
      const again = await take(back)
      assert.deepEqual([again.messageId, again.dup, again.payload.toString()], [messageId, true, 'p'])
    })
  }

  test('[MQTT-4.3.3-7] [MQTT-4.3.3-13] QoS 2 goes on to its end, though the message expired, both ways', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'expiry/two', qos: 2 })
    const publisher = await RawClient.connect(port)
    publisher.publish({ topic: 'expiry/two', qos: 2, messageId: 8, payload: 'p', properties: ONE_SECOND })
    await publisher.expect('pubrec')
    const { messageId = 0 } = await client.expect('publish')
    await wait(PAST_EXPIRY_MS)
    publisher.send({ cmd: 'pubrel', messageId: 8 })
    const pubcomp = await publisher.expect('pubcomp')
    assert.deepEqual([pubcomp.messageId, pubcomp.reasonCode ?? 0], [8, 0])
    client.send({ cmd: 'pubrec', messageId })
    const pubrel = await client.expect('pubrel')
    assert.deepEqual([pubrel.messageId, pubrel.reasonCode ?? 0], [messageId, 0])
    client.send({ cmd: 'pubcomp', messageId })
    await client.silence()
  })
}

/** Of 100 seconds more than one has passed, and on any machine not half of them. */
function assertCountedDown({ properties }: PacketOf<'publish'>): void {
  const left = properties?.messageExpiryInterval ?? 0
  assert.ok(left < 100 && left > 50, `${left} s are left`)
}
