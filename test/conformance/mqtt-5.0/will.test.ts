import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, test } from 'node:test'
import type { IConnectPacket } from 'mqtt-packet'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'
import { bytesFrom, connectBytes, frame, properties, sized } from './frames.ts'

const { port } = await startBroker({ anonymous: true })

type Will = NonNullable<IConnectPacket['will']>

interface Wish extends Partial<IConnectPacket> {
  readonly delaySec?: number
  readonly expirySec?: number
  readonly fields?: Partial<Will>
}

/** A client that leaves this will behind. */
async function mortal(topic: string, wish: Wish = {}): Promise<RawClient> {
  const { delaySec, expirySec, fields, ...options } = wish
  return RawClient.connect(port, 5, {
    ...(expirySec !== undefined && { properties: { sessionExpiryInterval: expirySec } }),
    ...options,
    will: {
      topic,
      payload: Buffer.from('will'),
      qos: 0,
      retain: false,
      ...(delaySec !== undefined && { properties: { willDelayInterval: delaySec } }),
      ...fields,
    },
  })
}

/** Somebody who hears of this topic, with the QoS and the flags of its publisher. */
async function watcherOf(topic: string): Promise<RawClient> {
  const watcher = await RawClient.connect(port)
  await watcher.subscribe({ topic, qos: 2, rap: true })
  return watcher
}

/** That no message has come, by a message which comes for certain. */
async function expectNone(watcher: RawClient, topic: string): Promise<void> {
  watcher.publish({ topic, payload: 'marker' })
  assert.equal(String((await watcher.expect('publish')).payload), 'marker')
}

/** The connection is lost, and the broker knows it. */
async function dies(client: RawClient): Promise<void> {
  client.socket.end()
  await client.end()
}

async function leaves(client: RawClient): Promise<void> {
  client.send({ cmd: 'disconnect', reasonCode: 0 })
  await client.end()
}

describe('[MQTT-3.1.2-7] [MQTT-3.1.2-8] the will is kept, and goes out when the connection ends', () => {
  const ENDS: readonly (readonly [how: string, end: (client: RawClient) => Promise<unknown>])[] = [
    ['the client closes without DISCONNECT', dies],
    [
      'the client resets the connection',
      async (client) => {
        client.socket.resetAndDestroy()
      },
    ],
    [
      'the broker closes upon a malformed packet',
      async (client) => {
        client.write(hex('c1 00'))
        assert.equal(await client.disconnected(), 0x81)
      },
    ],
    [
      'the broker closes upon a protocol error',
      async (client) => {
        client.write(connectBytes())
        assert.equal(await client.disconnected(), 0x82)
      },
    ],
    [
      'DISCONNECT asks for it, 0x04',
      async (client) => {
        client.send({ cmd: 'disconnect', reasonCode: 0x04 })
        await client.end()
      },
    ],
    [
      'DISCONNECT tells of an error',
      async (client) => {
        client.send({ cmd: 'disconnect', reasonCode: 0x80 })
        await client.end()
      },
    ],
  ]
  for (const [place, [how, end]] of ENDS.entries()) {
    test(`because ${how}`, async () => {
      const topic = `end/${place}`
      const watcher = await watcherOf(topic)
      const client = await mortal(topic)
      // not before
      await expectNone(watcher, topic)
      await end(client)
      assert.equal(String((await watcher.expect('publish')).payload), 'will')
      await expectNone(watcher, topic)
    })
  }

  test('because another connection takes its place', async () => {
    const watcher = await watcherOf('end/taken')
    const client = await mortal('end/taken', { clientId: 'will-taken' })
    await RawClient.connect(port, 5, { clientId: 'will-taken' })
    assert.equal(await client.disconnected(), 0x8e)
    assert.equal(String((await watcher.expect('publish')).payload), 'will')
  })

  test('[MQTT-3.1.2-10] but not after DISCONNECT 0x00, with or without a session, delayed or not', async () => {
    const topic = 'end/goodbye'
    const watcher = await watcherOf(topic)
    for (const expirySec of [0, 600]) {
      for (const delaySec of [0, 600]) await leaves(await mortal(topic, { expirySec, delaySec }))
    }
    await expectNone(watcher, topic)
  })
})

test('[MQTT-3.1.2-10] a will is of its own connection: once published or taken back it is no more', async () => {
  const topic = 'once'
  const watcher = await watcherOf(topic)
  const clientId = 'dies-twice'
  const again = { clientId, clean: false, properties: { sessionExpiryInterval: 600 } }
  await dies(await mortal(topic, { clientId, expirySec: 600 }))
  assert.equal(String((await watcher.expect('publish')).payload), 'will')
  // the session is resumed without a will
  await dies(await RawClient.connect(port, 5, again))
  await leaves(await mortal(topic, { ...again, expirySec: 600 }))
  await dies(await RawClient.connect(port, 5, again))
  await expectNone(watcher, topic)
})

describe('the message', () => {
  for (const qos of [0, 1, 2] as const) {
    test(`[MQTT-3.1.2-12] has its QoS ${qos}`, async () => {
      const watcher = await watcherOf(`qos/${qos}`)
      await dies(await mortal(`qos/${qos}`, { fields: { qos } }))
      assert.equal((await watcher.expect('publish')).qos, qos)
    })
  }

  test('[MQTT-3.1.2-14] without Will Retain is not retained', async () => {
    const topic = 'retain/no'
    const watcher = await watcherOf(topic)
    await dies(await mortal(topic))
    assert.equal((await watcher.expect('publish')).retain, false)
    const late = await watcherOf(topic)
    await late.silence()
  })

  test('[MQTT-3.1.2-15] with Will Retain is', async () => {
    const topic = 'retain/yes'
    const watcher = await watcherOf(topic)
    await dies(await mortal(topic, { fields: { retain: true } }))
    assert.equal((await watcher.expect('publish')).retain, true)
    const { retain, payload } = await (await watcherOf(topic)).expect('publish')
    assert.deepEqual([retain, String(payload)], [true, 'will'])
    // and with an empty payload it removes what is retained
    await dies(await mortal(topic, { fields: { retain: true, payload: Buffer.alloc(0) } }))
    await watcher.expect('publish')
    await (await watcherOf(topic)).silence()
  })

  test('[MQTT-3.1.3-10] has its user properties in their order, those that come twice among them', async () => {
    const pairs = ['z 1', 'a 2', 'z 3', 'm 4', 'a 2']
      .map((pair) => pair.split(' ') as [string, string])
      .map(([name, value]) => Buffer.concat([hex('26'), sized(name), sized(value)]))
    const watcher = await watcherOf('ordered')
    const heard = bytesFrom(watcher)
    const client = await RawClient.open(port)
    client.write(connectBytes({ flags: 0x06, rest: [properties(...pairs), "0007'ordered'", "0001'x'"] }))
    await client.expect('connack')
    await dies(client)
    await watcher.expect('publish')
    assert.deepEqual(heard(), frame(0x30, "0007'ordered'", properties(...pairs), "'x'"))
  })
})

/** How long it takes from the end of the connection to the will. */
async function delayOf(topic: string, wish: Wish): Promise<number> {
  const watcher = await watcherOf(topic)
  const client = await mortal(topic, wish)
  const died = performance.now()
  await dies(client)
  await watcher.expect('publish')
  return performance.now() - died
}

// a delay is in seconds: side by side they take two of them
describe('the will delay', { concurrency: true }, () => {
  test('[MQTT-3.1.2-8] holds the will back for its time', async () => {
    const delayMs = await delayOf('delay/1', { delaySec: 1, expirySec: 600 })
    assert.ok(delayMs >= 990, `${delayMs} ms`)
  })

  test('[MQTT-3.1.2-8] ends with the session, its expiry interval over', async () => {
    const delayMs = await delayOf('delay/session', { delaySec: 600, expirySec: 1 })
    assert.ok(delayMs >= 990, `${delayMs} ms`)
  })

  test('[MQTT-3.1.2-8] is none where the session ends with the connection', async () => {
    await delayOf('delay/none', { delaySec: 600, expirySec: 0 })
  })

  test('[MQTT-3.1.2-8] ends with the session, for a clean start', async () => {
    const topic = 'delay/clean'
    const watcher = await watcherOf(topic)
    const clientId = 'delay-clean'
    await dies(await mortal(topic, { clientId, delaySec: 600, expirySec: 600 }))
    await expectNone(watcher, topic)
    await RawClient.connect(port, 5, { clientId, clean: true })
    assert.equal(String((await watcher.expect('publish')).payload), 'will')
  })

  test('[MQTT-3.1.2-8] ends with the session, when a clean start takes the place of its connection', async () => {
    const topic = 'delay/clean-taken'
    const watcher = await watcherOf(topic)
    const clientId = 'delay-clean-taken'
    const client = await mortal(topic, { clientId, delaySec: 600, expirySec: 600 })
    await RawClient.connect(port, 5, { clientId, clean: true })
    assert.equal(await client.disconnected(), 0x8e)
    assert.equal(String((await watcher.expect('publish')).payload), 'will')
  })

  test('[MQTT-3.1.3-9] is not over when the client comes back to its session: the will is not sent', async () => {
    const topic = 'delay/back'
    const watcher = await watcherOf(topic)
    const clientId = 'delay-back'
    await dies(await mortal(topic, { clientId, delaySec: 1, expirySec: 600 }))
    const back = { clientId, clean: false, properties: { sessionExpiryInterval: 600 } }
    await RawClient.connect(port, 5, back)
    // a will of the same delay that is left later, and whose time is hence over later
    await delayOf('delay/back-after', { delaySec: 1, expirySec: 600 })
    await expectNone(watcher, topic)
  })

  test('[MQTT-3.1.3-9] nor when it comes in place of a connection that still stands', async () => {
    const topic = 'delay/taken'
    const watcher = await watcherOf(topic)
    const clientId = 'delay-taken'
    const client = await mortal(topic, { clientId, delaySec: 1, expirySec: 600 })
    const back = { clientId, clean: false, properties: { sessionExpiryInterval: 600 } }
    await RawClient.connect(port, 5, back)
    assert.equal(await client.disconnected(), 0x8e)
    await delayOf('delay/taken-after', { delaySec: 1, expirySec: 600 })
    await expectNone(watcher, topic)
  })
})
