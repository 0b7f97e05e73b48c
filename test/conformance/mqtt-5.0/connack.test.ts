import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { startBroker } from '../../support/broker.ts'
import { connectPacket, RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'
import { bytesFrom, connectBytes, frame, properties, refusalOf } from './frames.ts'

const [wide, narrow, least] = await Promise.all([
  startBroker({ anonymous: true }),
  startBroker({
    anonymous: true,
    mqtt: {
      maximumQos: 1,
      retainAvailable: false,
      topicAliasMaximum: 2,
      maximumPacketSize: 200,
      serverKeepAlive: 1,
      allowZeroLengthClientid: false,
    },
  }),
  startBroker({ anonymous: true, mqtt: { maximumQos: 0, topicAliasMaximum: 0 } }),
])

const will = { topic: 'w', payload: '', qos: 0, retain: false } as const

describe('a QoS that the broker does not offer', () => {
  test('[MQTT-3.2.2-9] a maximum QoS below 2 is in CONNACK, and one of 2 is not', async () => {
    for (const [{ port }, expected] of [
      [wide, undefined],
      [narrow, 1],
      [least, 0],
    ] as const) {
      const client = await RawClient.open(port)
      assert.equal((await client.connack()).properties?.maximumQoS, expected)
    }
  })

  test('[MQTT-3.2.2-10] a SUBSCRIBE of any QoS is accepted all the same, and granted what there is', async () => {
    for (const [{ port }, granted] of [
      [narrow, [0, 1, 1]],
      [least, [0, 0, 0]],
    ] as const) {
      const client = await RawClient.connect(port)
      const filters = ([0, 1, 2] as const).map((qos) => ({ topic: `t/${qos}`, qos }))
      assert.deepEqual(await client.subscribe(...filters), granted)
      client.publish({ topic: 't/2' })
      assert.equal((await client.expect('publish')).qos, 0)
    }
  })

  for (const [{ port }, qos] of [
    [narrow, 2],
    [least, 1],
    [least, 2],
  ] as const) {
    test(`[MQTT-3.2.2-11] a PUBLISH of QoS ${qos} above the maximum is refused with 0x9B`, async () => {
      assert.equal(await refusalOf(port, frame(qos === 1 ? 0x32 : 0x34, "0001't' 0001 00")), 0x9b)
    })

    test(`[MQTT-3.2.2-12] a will of QoS ${qos} above the maximum is refused with 0x9B`, async () => {
      const client = await RawClient.open(port)
      assert.equal((await client.connack({ will: { ...will, qos } })).reasonCode, 0x9b)
      assert.deepEqual(await client.end(), [])
    })
  }
})

/** A PUBLISH of so many bytes, more than 130: three of its header, the topic, no properties, the payload. */
function publishOf(size: number): Buffer {
  return frame(0x30, "0001't' 00", Buffer.alloc(size - 7))
}

function aliased(alias: string): Buffer {
  return frame(0x30, `0001't' 03 23 ${alias}`)
}

describe('what else the broker does not offer', () => {
  test('[MQTT-3.2.2-13] a will to be retained is refused with 0x9A', async () => {
    const client = await RawClient.open(narrow.port)
    const { reasonCode } = await client.connack({ will: { ...will, retain: true } })
    assert.equal(reasonCode, 0x9a)
    assert.deepEqual(await client.end(), [])
  })

  test('[MQTT-3.2.2-14] a PUBLISH to be retained is refused with 0x9A, as CONNACK said', async () => {
    const client = await RawClient.open(narrow.port)
    assert.equal((await client.connack()).properties?.retainAvailable, false)
    for (const bytes of [
      frame(0x31, "0001't' 00 'x'"),
      frame(0x33, "0001't' 0001 00"),
      frame(0x31, "0001't' 00"),
    ]) {
      assert.equal(await refusalOf(narrow.port, bytes), 0x9a)
    }
  })

  test('[MQTT-3.2.2-15] a packet above the maximum packet size is refused with 0x95', async () => {
    const client = await RawClient.open(narrow.port)
    assert.equal((await client.connack()).properties?.maximumPacketSize, 200)
    assert.equal(publishOf(200).length, 200)
    client.write(publishOf(200))
    await client.silence()
    assert.equal(await refusalOf(narrow.port, publishOf(201)), 0x95)
    // its length alone is enough: nothing of it is waited for
    assert.equal(await refusalOf(narrow.port, hex('30 ffffff7f')), 0x95)
  })

  test('[MQTT-3.2.2-17] a topic alias above the maximum is refused with 0x94', async () => {
    const client = await RawClient.open(narrow.port)
    assert.equal((await client.connack()).properties?.topicAliasMaximum, 2)
    client.write(Buffer.concat([aliased('0001'), aliased('0002')]))
    await client.silence()
    for (const alias of ['0003', 'ffff', '0000']) {
      assert.equal(await refusalOf(narrow.port, aliased(alias)), 0x94)
    }
  })

  test('[MQTT-3.2.2-18] where CONNACK names no maximum any topic alias is refused with 0x94', async () => {
    const client = await RawClient.open(least.port)
    assert.ok(!((await client.connack()).properties?.topicAliasMaximum ?? 0))
    assert.equal(await refusalOf(least.port, aliased('0001')), 0x94)
  })

  test('[MQTT-3.1.3-8] where none is assigned, an empty client identifier is refused, and closed upon', async () => {
    const client = await RawClient.open(narrow.port)
    assert.equal((await client.connack({ clientId: '' })).reasonCode, 0x80)
    assert.deepEqual(await client.end(), [])
  })
})

/** What a client is answered that takes so many bytes; nothing: it is closed upon in silence. */
async function answerTo(size: number, connect: Parameters<typeof connectBytes>[0]): Promise<Buffer> {
  const client = await RawClient.open(wide.port)
  const heard = bytesFrom(client)
  const said = properties('27', Buffer.of(0, 0, 0, size), connect?.properties ?? '')
  client.write(Buffer.concat([connectBytes({ ...connect, properties: said }), hex('e0 00')]))
  await client.end()
  return heard()
}

describe('the maximum packet size of the client', () => {
  for (const [what, connect, bare] of [
    ['a success', {}, null],
    ['one with an identifier that it assigns', { clientId: '' }, null],
    [
      'a refusal, which can do without its reason [MQTT-3.2.2-19]',
      // who asks for problem information is given reasons
      { flags: 0x06, properties: hex('17 01'), rest: ["00 0004'$SYS' 0000"] },
      5,
    ],
  ] as const) {
    test(`[MQTT-3.1.2-24] holds for CONNACK: ${what}, is not sent where it is larger`, async () => {
      const { length } = await answerTo(255, connect)
      assert.ok(length > 5)
      for (let size = 1; size <= length + 1; size += 1) {
        const answer = await answerTo(size, connect)
        // what cannot be said at all is silence, and the end
        const short = size >= (bare ?? length) ? (bare ?? length) : 0
        assert.equal(answer.length, size >= length ? length : short, `for a client that takes ${size}`)
      }
    })
  }

  test('[MQTT-3.1.2-24] holds for CONNACK: nobody is connected who cannot hear so', async () => {
    const options = { clientId: 'deaf', will: { ...will, topic: 'deaf' } }
    const watcher = await RawClient.connect(wide.port)
    await watcher.subscribe({ topic: 'deaf', qos: 0 })
    const client = await RawClient.open(wide.port)
    client.send(connectPacket(5, { ...options, properties: { maximumPacketSize: 5 } }))
    assert.deepEqual(await client.end(), [])
    await watcher.silence()
  })

  test('[MQTT-3.1.2-24] holds for SUBACK and UNSUBACK', async () => {
    for (const first of [0x82, 0xa2]) {
      const filters = (count: number): string => `0001'f' ${first === 0x82 ? '00' : ''}`.repeat(count)
      for (const [count, expected] of [
        [24, first === 0x82 ? 'suback' : 'unsuback'],
        [25, 'disconnect'],
      ] as const) {
        const client = await RawClient.connect(wide.port, 5, { properties: { maximumPacketSize: 29 } })
        client.write(Buffer.concat([frame(first, '0001 00', filters(count)), hex('e0 00')]))
        assert.deepEqual(
          (await client.end()).map(({ cmd }) => cmd),
          [expected],
        )
      }
    }
  })
})

describe('a message above the maximum packet size of the client', () => {
  const TOPIC = 'size'
  /** What a PUBLISH to that topic has beside its payload: header, topic, packet identifier, no properties. */
  const besidePayload = (qos: 0 | 1 | 2): number => 2 + 2 + TOPIC.length + (qos === 0 ? 0 : 2) + 1

  /** The sizes of the next packets that this client gets. */
  async function sizesOf(client: RawClient, count: number): Promise<readonly number[]> {
    const sizes: number[] = []
    for (let i = 0; i < count; i += 1) {
      const { payload, qos } = await client.expect('publish')
      sizes.push(besidePayload(qos) + payload.length)
    }
    return sizes
  }

  for (const qos of [0, 1, 2] as const) {
    test(`[MQTT-3.1.2-24] [MQTT-3.1.2-25] is not sent with QoS ${qos}, but dropped as if it had been`, async () => {
      const options = { clientId: `small-${qos}`, clean: false } as const
      const said = { maximumPacketSize: 60, sessionExpiryInterval: 600 }
      const small = await RawClient.connect(wide.port, 5, { ...options, properties: said })
      const large = await RawClient.connect(wide.port)
      for (const client of [small, large]) await client.subscribe({ topic: TOPIC, qos })
      const publisher = await RawClient.connect(wide.port)
      const send = async (size: number): Promise<void> => {
        const payload = Buffer.alloc(size - besidePayload(qos))
        publisher.publish({ topic: TOPIC, qos, payload, messageId: size })
        if (qos === 0) await publisher.silence()
        else await publisher.expect(qos === 1 ? 'puback' : 'pubrec')
      }
      for (const size of [60, 61, 59, 100]) await send(size)
      assert.deepEqual(await sizesOf(large, 4), [60, 61, 59, 100])
      assert.deepEqual(await sizesOf(small, 2), [60, 59])
      await small.silence()
      if (qos === 0) return
      // nor is it kept for a client that comes back and takes more; what waits for it is dropped likewise
      small.socket.end()
      await small.end()
      for (const size of [61, 58]) await send(size)
      const back = await RawClient.connect(wide.port, 5, { ...options, properties: said })
      assert.deepEqual(await sizesOf(back, 3), [60, 59, 58])
      await back.silence()
      back.socket.end()
      await back.end()
      const wider = await RawClient.connect(wide.port, 5, options)
      assert.deepEqual(await sizesOf(wider, 3), [60, 59, 58])
      await wider.silence()
    })
  }
})

/** The aliases with which a client gets messages of several topics, each of which it can make out. */
async function aliasesFor(topicAliasMaximum: number | undefined): Promise<(number | undefined)[]> {
  const client = await RawClient.connect(wide.port, 5, {
    properties: topicAliasMaximum === undefined ? {} : { topicAliasMaximum },
  })
  await client.subscribe({ topic: 'alias/#', qos: 0 })
  const topics = ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd', 'e'].map((level) => `alias/${level}`)
  const names = new Map<number, string>()
  const aliases: (number | undefined)[] = []
  for (const topic of topics) {
    client.publish({ topic })
    const { topic: named, properties: said } = await client.expect('publish')
    const alias = said?.topicAlias
    if (alias !== undefined && named !== '') names.set(alias, named)
    assert.equal(named === '' ? names.get(alias ?? 0) : named, topic)
    aliases.push(alias)
  }
  return aliases
}

describe('topic aliases from the broker', () => {
  for (const most of [1, 2, 65_535]) {
    test(`[MQTT-3.1.2-26] are from 1 to the client’s maximum, ${most}`, async () => {
      for (const alias of await aliasesFor(most))
        assert.ok(alias === undefined || (alias > 0 && alias <= most))
    })
  }

  test('[MQTT-3.1.2-27] are none where its maximum is 0 or absent', async () => {
    for (const none of [0, undefined]) {
      assert.ok((await aliasesFor(none)).every((alias) => alias === undefined))
    }
  })
})

/** How long a client may be silent before it gets DISCONNECT 0x8D and the end; its will goes out. */
async function silenceOf(port: number, keepalive: number): Promise<number> {
  const topic = `keep-alive/${randomUUID()}`
  const watcher = await RawClient.connect(port, 5, { keepalive: 0 })
  // its own keep alive is the server's
  const alive = setInterval(() => watcher.send({ cmd: 'pingreq' }), 500)
  const from = performance.now()
  const client = await RawClient.connect(port, 5, { keepalive, will: { ...will, topic } })
  watcher.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] })
  assert.equal(await client.disconnected(), 0x8d)
  const silentMs = performance.now() - from
  clearInterval(alive)
  watcher.send({ cmd: 'disconnect', reasonCode: 0 })
  const heard = await watcher.end()
  assert.ok(
    heard.some(({ cmd }) => cmd === 'publish'),
    'as after a network failure, the will goes out',
  )
  return silentMs
}

// they take a second and a half each, side by side
describe('the keep alive', { concurrency: true }, () => {
  test('[MQTT-3.1.2-22] [MQTT-3.2.2-22] is the client’s own where CONNACK names none: silence ends at 1.5 of it', async () => {
    const client = await RawClient.open(wide.port)
    assert.equal((await client.connack({ keepalive: 1 })).properties?.serverKeepAlive, undefined)
    // the broker looks once a second: of two that begin half a second apart one would see a second alone
    const both = [0, 500].map(async (ms) => {
      await setTimeout(ms)
      return silenceOf(wide.port, 1)
    })
    for (const silentMs of await Promise.all(both)) assert.ok(silentMs >= 1490, `${silentMs} ms`)
  })

  for (const keepalive of [60, 0]) {
    test(`[MQTT-3.1.2-21] [MQTT-3.2.2-21] is the server’s where CONNACK names one, whatever the client asked: ${keepalive}`, async () => {
      const client = await RawClient.open(narrow.port)
      assert.equal((await client.connack({ keepalive })).properties?.serverKeepAlive, 1)
      const silentMs = await silenceOf(narrow.port, keepalive)
      assert.ok(silentMs >= 1490, `${silentMs} ms`)
    })
  }

  test('[MQTT-3.1.2-20] is kept by any packet, PINGREQ for want of another', async () => {
    const pinging = await RawClient.connect(wide.port, 5, { keepalive: 1 })
    const publishing = await RawClient.connect(wide.port, 5, { keepalive: 1 })
    const alive = setInterval(() => {
      pinging.send({ cmd: 'pingreq' })
      publishing.publish({ topic: 'alive' })
    }, 400)
    await silenceOf(wide.port, 1)
    clearInterval(alive)
    await publishing.silence()
    pinging.send({ cmd: 'disconnect', reasonCode: 0 })
    assert.ok((await pinging.end()).every(({ cmd }) => cmd === 'pingresp'))
  })
})
