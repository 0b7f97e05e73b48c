import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'
import { put, take } from './lasting.ts'

const { port } = await startBroker({ anonymous: true, mqtt: { receiveMaximum: 3 } })

/** How the broker ends the connection of a client that sends these bytes. */
async function refusalOf(written: string): Promise<number | undefined> {
  const client = await RawClient.connect(port)
  client.write(hex(written))
  return client.disconnected()
}

describe('the flags of PUBLISH', () => {
  for (const first of ['36', '37', '3e', '3f']) {
    test(`[MQTT-3.3.1-4] QoS 3 is malformed: ${first}`, async () => {
      assert.equal(await refusalOf(`${first} 08 0001't' 0001 00 'hi'`), 0x81)
    })
  }

  for (const first of ['38', '39']) {
    test(`[MQTT-3.3.1-2] DUP with QoS 0 is refused: ${first}`, async () => {
      assert.equal(await refusalOf(`${first} 06 0001't' 00 'hi'`), 0x81)
    })
  }

  for (const qos of [1, 2] as const) {
    test(`[MQTT-3.3.1-3] DUP of a publisher goes no further: QoS ${qos}`, async () => {
      const hearers = await Promise.all([0, 1, 2].map(() => RawClient.connect(port)))
      for (const [granted, hearer] of hearers.entries()) {
        await hearer.subscribe({ topic: `dup/${qos}`, qos: granted as 0 | 1 | 2, rap: true })
      }
      const publisher = await RawClient.connect(port)
      await put(publisher, { topic: `dup/${qos}`, qos, dup: true, retain: true, payload: 'p' })
      for (const hearer of hearers) assert.equal((await take(hearer)).dup, false)
      const late = await RawClient.connect(port)
      await late.subscribe({ topic: `dup/${qos}`, qos: 2 })
      assert.equal((await take(late)).dup, false)
    })
  }

  test('[MQTT-4.3.1-1] [MQTT-3.3.1-2] a message that goes out by QoS 0 has DUP 0, however it came', async () => {
    const hearer = await RawClient.connect(port)
    await hearer.subscribe({ topic: 'zero', qos: 0 })
    const publisher = await RawClient.connect(port)
    for (const qos of [0, 1, 2] as const) {
      await put(publisher, { topic: 'zero', qos, dup: qos > 0, payload: 'p' })
      const { qos: sentAs, dup, messageId } = await hearer.expect('publish')
      assert.deepEqual([sentAs, dup, messageId], [0, false, undefined])
    }
  })
})

describe('the topic name', () => {
  for (const [what, bytes] of [
    ['an overlong "/"', 'c0af'],
    ['an overlong NUL', 'c080'],
    ['one of three bytes that fits in two', 'e08080'],
    ['one of four bytes that fits in three', 'f0808080'],
    ['the first surrogate', 'eda080'],
    ['the last surrogate', 'edbfbf'],
    ['a pair of surrogates', 'eda080edb080'],
    ['what is above U+10FFFF', 'f4908080'],
    ['a lead of five bytes', 'f888808080'],
    ['a byte that leads nothing', 'ff'],
    ['a continuation alone', '80'],
    ['a character that is cut off', 'e282'],
    ['a character that another cuts off', 'e28261'],
    ['U+0000', '00'],
  ] as const) {
    for (const qos of [0, 1, 2]) {
      test(`[MQTT-3.3.2-1] is UTF-8: ${what} is malformed, QoS ${qos}`, async () => {
        const size = 2 + bytes.length / 2
        const id = qos === 0 ? '' : '0001'
        const body = `00${hexByte(size)}'a/'${bytes} ${id} 00`
        assert.equal(
          await refusalOf(`${hexByte(0x30 | (qos << 1))} ${hexByte(hex(body).length)} ${body}`),
          0x81,
        )
      })
    }
  }

  for (const [what, bytes] of [
    ['no body', '30 00'],
    ['half a length', '30 01 00'],
    ['a name that is longer than the packet', "30 04 0009'ab'"],
    ['a packet identifier where the name should be', "32 06 ffff 0001't' 00"],
  ] as const) {
    test(`[MQTT-3.3.2-1] comes first: ${what} is malformed`, async () => {
      assert.equal(await refusalOf(bytes), 0x81)
    })
  }

  for (const name of ['#', '+', 'a/#', 'a/+/b', 'a+', '#a', '+/', '$share/g/+']) {
    for (const qos of [0, 1, 2] as const) {
      test(`[MQTT-3.3.2-2] has no wildcard: ${name}, QoS ${qos}`, async () => {
        const client = await RawClient.connect(port)
        client.publish({ topic: name, qos, messageId: 1 })
        assert.equal(await client.disconnected(), 0x81)
      })
    }
  }
})

describe('the topic name that a subscriber gets', () => {
  test('[MQTT-3.3.2-3] of what a subscriber gets is the one that was published and matches its filter', async () => {
    const filters = ['n/+/c', 'n/#', '$share/g/n/b/c', 'n/b/c', '+/b/+']
    const others = ['n/c', 'N/b/c', 'n/b/c/d', '/n/b/c', 'n/b/C']
    const publisher = await RawClient.connect(port)
    const hearers = await Promise.all(filters.map(() => RawClient.connect(port)))
    for (const [place, hearer] of hearers.entries()) {
      await hearer.subscribe({ topic: filters[place] ?? '', qos: 1 })
    }
    for (const topic of [...others, 'n/b/c']) await put(publisher, { topic, qos: 1, payload: topic })
    for (const [place, hearer] of hearers.entries()) {
      const wanted = filters[place] === 'n/#' ? ['n/c', 'n/b/c/d', 'n/b/C', 'n/b/c'] : []
      const also = filters[place] === '+/b/+' ? ['N/b/c', 'n/b/C', 'n/b/c'] : ['n/b/c']
      for (const topic of wanted.length > 0 ? wanted : also) {
        const message = await take(hearer)
        assert.deepEqual([message.topic, message.payload.toString()], [topic, topic])
      }
      await hearer.silence()
    }
  })
})

describe('who publishes', () => {
  test('[MQTT-3.3.4-1] [MQTT-4.3.2-4] [MQTT-4.3.3-8] is answered by the QoS: nothing, PUBACK, PUBREC', async () => {
    const client = await RawClient.connect(port)
    client.publish({ topic: 'answer', qos: 0 })
    await client.silence()
    for (const messageId of [1, 0x1234, 0xffff]) {
      client.publish({ topic: 'answer', qos: 1, messageId })
      assert.equal((await client.expect('puback')).messageId, messageId)
      await client.silence()
      client.publish({ topic: 'answer', qos: 2, messageId })
      assert.equal((await client.expect('pubrec')).messageId, messageId)
      await client.silence()
      client.send({ cmd: 'pubrel', messageId })
      assert.equal((await client.expect('pubcomp')).messageId, messageId)
    }
  })

  for (const [what, body] of [
    ['QoS 0', "30 07 0001't' 02 0b 01 'h'"],
    ['QoS 1', "32 08 0001't' 0001 02 0b 01"],
    ['QoS 2', "34 08 0001't' 0001 02 0b 01"],
    ['behind another property', "30 09 0001't' 05 0101 0b ff7f"],
  ] as const) {
    test(`[MQTT-3.3.4-6] sends no subscription identifier: ${what}`, async () => {
      assert.equal(await refusalOf(body), 0x82)
    })
  }

  test('[MQTT-3.3.4-7] stays within the receive maximum: one more than it is refused with 0x93', async () => {
    const client = await filled()
    client.publish({ topic: 'many', qos: 2, messageId: 4 })
    assert.equal(await client.disconnected(), 0x93)
  })

  test('[MQTT-3.3.4-7] and QoS 1 counts as QoS 2 does', async () => {
    const client = await filled()
    client.publish({ topic: 'many', qos: 1, messageId: 4 })
    assert.equal(await client.disconnected(), 0x93)
  })

  test('[MQTT-3.3.4-8] may send all else at its limit, QoS 0 too, and go on after one PUBCOMP', async () => {
    const client = await filled()
    assert.deepEqual(await client.subscribe({ topic: 'all/else', qos: 0 }), [0])
    client.publish({ topic: 'all/else', payload: 'zero' })
    assert.equal((await client.expect('publish')).payload.toString(), 'zero')
    client.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['all/else'] })
    await client.expect('unsuback')
    client.publish({ topic: 'many', qos: 2, messageId: 2, dup: true }) // a repetition is not one more
    assert.equal((await client.expect('pubrec')).messageId, 2)
    client.send({ cmd: 'pubrel', messageId: 2 })
    assert.equal((await client.expect('pubcomp')).messageId, 2)
    client.publish({ topic: 'many', qos: 2, messageId: 4 })
    assert.equal((await client.expect('pubrec')).messageId, 4)
  })
})

/** A client with as many QoS 2 messages under way as CONNACK allowed. */
async function filled(): Promise<RawClient> {
  const client = await RawClient.open(port)
  assert.equal((await client.connack()).properties?.receiveMaximum, 3)
  for (const messageId of [1, 2, 3]) {
    const message: PacketOf<'publish'> = { cmd: 'publish', topic: 'many', qos: 2, messageId, ...PLAIN }
    client.send(message)
    await client.expect('pubrec')
  }
  return client
}

const PLAIN = { dup: false, retain: false, payload: 'p' }

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0')
}
