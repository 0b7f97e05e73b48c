import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'

const { port } = await startBroker({ anonymous: true })

/** Topics that differ, however alike they look or are by one Unicode form or another. */
const LOOKALIKES = [
  'n/a',
  'n/A',
  'N/a',
  'n/a/',
  '/n/a',
  'n//a',
  'n/a ',
  ' n/a',
  'n/./a',
  'n/x/../a',
  'n%2Fa',
  'n\\a',
  'n/\uFEFFa',
  '\uFEFFn/a',
  'n/\u00e9',
  'n/e\u0301',
  'n/\u212b',
  'n/\u00c5',
  'n/\uff41',
  'n/\ufb01',
  'n/\ufffd',
  'n/\uffff',
  'n/\u{10ffff}',
  'n/\u200b',
]

/** The codes with which the broker answers to these filters, one packet each. */
async function codesOf(filters: readonly string[]): Promise<readonly number[]> {
  const client = await RawClient.connect(port)
  const codes: number[] = []
  for (const topic of filters) codes.push(...(await client.subscribe({ topic, qos: 0 })))
  return codes
}

/** Which of the topics reach who has subscribed to this filter. */
async function reached(filter: string, topics: readonly string[]): Promise<readonly string[]> {
  const client = await RawClient.connect(port)
  assert.deepEqual(await client.subscribe({ topic: filter, qos: 0 }), [0], filter)
  for (const topic of topics) client.publish({ topic })
  client.send({ cmd: 'pingreq' })
  const got: string[] = []
  for (;;) {
    const packet = await client.expect('publish', 'pingresp')
    if (packet.cmd === 'pingresp') return got
    got.push(packet.topic)
  }
}

describe('[MQTT-4.7.0-1] a topic name with a wildcard is invalid', () => {
  for (const topic of ['#', '+', 'a/#', 'a/+/b', '+/a', 'a#', 'a+b', '$SYS/#']) {
    test(`${topic}, in a PUBLISH, at every QoS, and in a will`, async () => {
      for (const qos of [0, 1, 2] as const) {
        const client = await RawClient.connect(port)
        client.publish({ topic, qos, ...(qos > 0 && { messageId: 1 }) })
        assert.equal(await client.disconnected(), 0x81)
      }
      const client = await RawClient.open(port)
      const { reasonCode } = await client.connack({
        will: { topic, payload: Buffer.from('gone'), qos: 0, retain: false },
      })
      assert.equal(reasonCode, 0x81)
    })
  }
})

describe('a wildcard in a filter', () => {
  test('[MQTT-4.7.1-1] # stands alone or behind a slash, and last', async () => {
    const wrong = ['a#', '#a', 'a/#/b', '#/', '#/a', 'a/b#', 'a/#b', '##', 'a/##', '/#/', '+#', '$share/g/a#']
    assert.deepEqual(
      await codesOf(wrong),
      wrong.map(() => 0x8f),
    )
    const topics = ['w', 'w/', 'w/a', 'w/a/b', 'w//b', 'W', 'wa', 'x/w']
    assert.deepEqual(await reached('w/#', topics), ['w', 'w/', 'w/a', 'w/a/b', 'w//b'])
    assert.deepEqual(await reached('#', topics), topics)
    assert.deepEqual(await reached('/#', ['/', '/a', '/a/b', 'a', 'a/']), ['/', '/a', '/a/b'])
  })

  test('[MQTT-4.7.1-2] + fills a whole level, which may be empty, at any place', async () => {
    const wrong = ['a+', '+a', 'a/b+', 'a/+b', '++', 'a/++/b', '+/a+', 'a/+#', '$share/g/+a']
    assert.deepEqual(
      await codesOf(wrong),
      wrong.map(() => 0x8f),
    )
    const topics = ['p', 'p/', 'p/a', 'p/a/b', 'p/a/c', 'p//b', '/p', '/']
    assert.deepEqual(await reached('p/+', topics), ['p/', 'p/a'])
    assert.deepEqual(await reached('p/+/b', topics), ['p/a/b', 'p//b'])
    assert.deepEqual(await reached('+', topics), ['p'])
    assert.deepEqual(await reached('/+', topics), ['/p', '/'])
    assert.deepEqual(await reached('+/+', topics), ['p/', 'p/a', '/p', '/'])
    assert.deepEqual(await reached('+/a/#', topics), ['p/a', 'p/a/b', 'p/a/c'])
  })

  test('[MQTT-4.7.2-1] that begins with one matches no topic that begins with $', async () => {
    const topics = ['$own', '$own/a', '$own/a/b', '$', 'own/$a']
    assert.deepEqual(await reached('#', topics), ['own/$a'])
    assert.deepEqual(await reached('+/a', topics), [])
    assert.deepEqual(await reached('+/#', topics), ['own/$a'])
    assert.deepEqual(await reached('+', topics), [])
    assert.deepEqual(await reached('$own/#', topics), ['$own', '$own/a', '$own/a/b'])
    assert.deepEqual(await reached('$own/+', topics), ['$own/a'])
    assert.deepEqual(await reached('own/+', topics), ['own/$a'])
  })

  test('[MQTT-4.7.2-1] nor what is retained under such a topic', async () => {
    const publisher = await RawClient.connect(port)
    publisher.publish({ topic: '$kept/a', payload: 'x', retain: true, qos: 1, messageId: 1 })
    await publisher.expect('puback')
    for (const [filter, count] of [
      ['#', 0],
      ['+/a', 0],
      ['$kept/#', 1],
      ['$kept/a', 1],
    ] as const) {
      const client = await RawClient.connect(port)
      await client.subscribe({ topic: filter, qos: 0 })
      for (let left: number = count; left > 0; left -= 1) await client.expect('publish')
      await client.silence()
    }
  })
})

describe('a topic', () => {
  test('[MQTT-4.7.3-1] has at least one character, as a name and as a filter', async () => {
    const client = await RawClient.connect(port)
    client.write(hex('30 03 0000 00'))
    assert.equal(await client.disconnected(), 0x81)
    const other = await RawClient.connect(port)
    other.write(hex('82 06 0001 00 0000 00'))
    assert.equal(await other.disconnected(), 0x81)
    assert.deepEqual(await codesOf(['$share/g/']), [0x8f])
    assert.deepEqual(await reached(' ', [' ']), [' '])
    assert.deepEqual(await reached('/', ['/']), ['/'])
  })

  test('[MQTT-4.7.3-2] has no U+0000, as a name and as a filter', async () => {
    for (const written of [
      '30 04 0001 00 00',
      "30 06 0003 'a' 00 'b' 00",
      '82 07 0001 00 0001 00 00',
      "82 09 0001 00 0003 'a' 00 'b' 00",
      "a2 08 0001 00 0003 'a' 00 'b'",
    ]) {
      const client = await RawClient.connect(port)
      client.write(hex(written))
      assert.equal(await client.disconnected(), 0x81, written)
    }
  })

  test('[MQTT-4.7.3-3] has up to 65,535 bytes, all of which count', async () => {
    const one = 't'.repeat(65_535)
    const other = `${'t'.repeat(65_534)}u`
    const wide = `${'\u20ac'.repeat(21_844)}/xy`
    for (const topic of [one, wide]) {
      assert.equal(Buffer.byteLength(topic), 65_535)
      assert.deepEqual(await reached(topic, [other, topic]), [topic])
    }
    assert.deepEqual(await codesOf([`$share/g/${'t'.repeat(65_526)}`]), [0])
  })

  test('[MQTT-4.7.3-4] is taken as it is written: nothing is normalised, nothing is replaced', async () => {
    for (const topic of LOOKALIKES) assert.deepEqual(await reached(topic, LOOKALIKES), [topic])
  })
})
