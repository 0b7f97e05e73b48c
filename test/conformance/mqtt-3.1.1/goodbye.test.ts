import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, test } from 'node:test'
import type { IConnectPacket } from 'mqtt-packet'
import { startBroker } from '../../support/broker.ts'
import { byte, First, LEVELS, onEachLevel, packet, payloadsOf, text } from '../../support/hand-written.ts'
import { connectPacket, RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

type Will = NonNullable<IConnectPacket['will']>

function willOf(topic: string, options: Partial<Will> = {}): Will {
  return { topic, payload: Buffer.from('will'), qos: 0, retain: false, ...options }
}

async function watch(level: 3 | 4, topic: string): Promise<RawClient> {
  const watcher = await RawClient.connect(port, level)
  await watcher.subscribe({ topic, qos: 2 })
  return watcher
}

/** How a connection ends without a goodbye. */
const ENDS: Readonly<Record<string, (client: RawClient) => void>> = {
  'the socket breaks': ({ socket }) => void socket.resetAndDestroy(),
  'the client closes without DISCONNECT': ({ socket }) => void socket.end(),
  'the client sends what is no MQTT': (client) => client.write(Buffer.alloc(4)),
  'the client breaks the protocol': (client) => client.send(connectPacket(client.version)),
  'the client publishes with QoS 3': (client) => client.write(packet(First.publish | 0b110, text('t'))),
  'the client says DISCONNECT with flags': (client) => client.write(packet(First.disconnect | 1)),
  'the client says DISCONNECT with a body': (client) => client.write(packet(First.disconnect, byte(0))),
}

for (const [how, end] of Object.entries(ENDS)) {
  onEachLevel(`[MQTT-3.1.2-8] the will is published: ${how}`, async (level) => {
    const topic = `${level}: ${how}`
    const watcher = await watch(level, topic)
    end(await RawClient.connect(port, level, { will: willOf(topic) }))
    assert.deepEqual(await payloadsOf(watcher, 1), ['will'])
  })
}

onEachLevel('[MQTT-3.1.2-8] the will is published: another takes the place of the client', async (level) => {
  const topic = `taken-over/${level}`
  const watcher = await watch(level, topic)
  const clientId = `taken-over-${level}`
  await RawClient.connect(port, level, { clientId, will: willOf(topic) })
  await RawClient.connect(port, level, { clientId })
  assert.deepEqual(await payloadsOf(watcher, 1), ['will'])
})

onEachLevel(
  '[MQTT-3.1.2-9] the will goes out as its flags say, with the QoS and to the topic given',
  async (level) => {
    const topic = `will-qos/${level}`
    const watcher = await watch(level, topic)
    for (const qos of [0, 1, 2] as const) {
      const client = await RawClient.connect(port, level, { will: willOf(topic, { qos }) })
      client.socket.destroy()
      const will = await watcher.expect('publish')
      assert.deepEqual([will.topic, will.qos, will.retain], [topic, qos, false])
    }
  },
)

onEachLevel('[MQTT-3.1.2-10] once published, the will is no part of the session any more', async (level) => {
  const topic = `will-once/${level}`
  const watcher = await watch(level, topic)
  const kept = { clientId: `will-once-${level}`, clean: false }
  const first = await RawClient.connect(port, level, { ...kept, will: willOf(topic) })
  first.socket.destroy()
  assert.deepEqual(await payloadsOf(watcher, 1), ['will'])
  const second = await RawClient.connect(port, level, kept)
  // taken over, hence gone when the third is there
  const third = await RawClient.connect(port, level, kept)
  assert.deepEqual(await second.end(), [])
  third.publish({ topic, payload: 'no will before' })
  assert.deepEqual(await payloadsOf(watcher, 1), ['no will before'])
})

onEachLevel(
  '[MQTT-3.1.2-10] [MQTT-3.14.4-3] with DISCONNECT the will is forgotten, for good',
  async (level) => {
    const topic = `forgotten/${level}`
    const watcher = await watch(level, topic)
    for (const options of [{ clean: true }, { clean: false }]) {
      const whole = { ...options, clientId: `forgotten-${level}` }
      const client = await RawClient.connect(port, level, { ...whole, will: willOf(topic, { qos: 1 }) })
      client.send({ cmd: 'disconnect' })
      client.socket.end()
      assert.deepEqual(await client.end(), [])
      const back = await RawClient.connect(port, level, whole)
      back.socket.destroy()
    }
    await watcher.silence()
  },
)

onEachLevel('[MQTT-3.1.2-12] without a will nothing is published in its place', async (level) => {
  const watcher = await watch(level, '#')
  const clientId = `no-will-${level}`
  const first = await RawClient.connect(port, level, { clientId })
  first.write(Buffer.alloc(4))
  await first.end()
  const second = await RawClient.connect(port, level, { clientId })
  second.publish({ topic: `no-will/${level}`, payload: 'the only one' })
  assert.deepEqual(await payloadsOf(watcher, 1), ['the only one'])
  await watcher.silence()
})

onEachLevel('[MQTT-3.1.2-16] a will without retain is not retained', async (level) => {
  const topic = `will-not-retained/${level}`
  const watcher = await watch(level, topic)
  const client = await RawClient.connect(port, level, { will: willOf(topic) })
  client.socket.destroy()
  assert.deepEqual(await payloadsOf(watcher, 1), ['will'])
  const late = await watch(level, topic)
  await late.silence()
})

onEachLevel('[MQTT-3.1.2-17] a will with retain is retained', async (level) => {
  const topic = `will-retained/${level}`
  const watcher = await watch(level, topic)
  const client = await RawClient.connect(port, level, { will: willOf(topic, { retain: true, qos: 1 }) })
  client.socket.destroy()
  assert.equal((await watcher.expect('publish')).retain, false)
  const late = await watch(level, topic)
  const { retain, qos, payload } = await late.expect('publish')
  assert.deepEqual([retain, qos, String(payload)], [true, 1, 'will'])
  late.publish({ topic, retain: true })
  await late.expect('publish')
})

onEachLevel('[MQTT-3.12.4-1] PINGREQ is answered with PINGRESP, each', async (level) => {
  const client = await RawClient.connect(port, level)
  client.send({ cmd: 'pingreq' }, { cmd: 'pingreq' }, { cmd: 'pingreq' })
  for (let count = 0; count < 3; count += 1) await client.expect('pingresp')
})

onEachLevel('[MQTT-3.12.4-1] PINGREQ with a body is no PINGREQ', async (level) => {
  const client = await RawClient.connect(port, level)
  client.write(packet(First.pingreq, byte(0)))
  assert.deepEqual(await client.end(), [])
})

onEachLevel('[MQTT-3.14.1-1] DISCONNECT with any flag is malformed: the will goes out', async (level) => {
  for (let flags = 1; flags < 16; flags += 1) {
    const topic = `flags/${level}/${flags}`
    const watcher = await watch(level, topic)
    const client = await RawClient.connect(port, level, { will: willOf(topic) })
    client.write(packet(First.disconnect | flags))
    assert.deepEqual(await client.end(), [])
    assert.deepEqual(await payloadsOf(watcher, 1), ['will'])
  }
})

onEachLevel('[MQTT-3.14.4-1] after DISCONNECT the broker closes, should the client not', async (level) => {
  const client = await RawClient.connect(port, level)
  client.send({ cmd: 'disconnect' })
  assert.deepEqual(await client.end(), [])
})

onEachLevel('[MQTT-3.14.4-2] what comes behind DISCONNECT is not processed', async (level) => {
  const topic = `behind/${level}`
  const watcher = await watch(level, topic)
  const client = await RawClient.connect(port, level)
  client.send(
    { cmd: 'disconnect' },
    { cmd: 'publish', topic, payload: 'behind', qos: 1, messageId: 1, dup: false, retain: false },
    { cmd: 'pingreq' },
  )
  assert.deepEqual(await client.end(), [])
  await watcher.silence()
})

describe('the keep alive', { timeout: 30_000, concurrency: true }, () => {
  for (const { level, name } of LEVELS) {
    test(`[MQTT-3.1.2-24] ${name}: who is silent for one and a half of it is cut off`, async () => {
      const topic = `silent/${level}`
      const watcher = await watch(level, topic)
      const forever = await RawClient.connect(port, level, { keepalive: 0 })
      const since = performance.now()
      const silent = await RawClient.connect(port, level, { keepalive: 1, will: willOf(topic) })
      assert.deepEqual(await silent.end(), [])
      assert.ok(performance.now() - since >= 1400, 'the client may be late by a half')
      assert.deepEqual(await payloadsOf(watcher, 1), ['will'])
      // of a keep alive of 0 there is no end
      await forever.silence()
    })

    test(`[MQTT-3.1.2-24] ${name}: what the client is sent does not count`, async () => {
      const topic = `noise/${level}`
      const deaf = await RawClient.connect(port, level, { keepalive: 1 })
      await deaf.subscribe({ topic, qos: 0 })
      const talker = await RawClient.connect(port, level)
      const noise = setInterval(() => talker.publish({ topic }), 300)
      const got = await deaf.end()
      clearInterval(noise)
      assert.ok(got.length >= 3 && got.every(({ cmd }) => cmd === 'publish'))
    })

    test(`[MQTT-3.1.2-23] ${name}: whatever the client sends within it keeps the connection`, async () => {
      const talkative = await RawClient.connect(port, level, { keepalive: 1 })
      for (let round = 0; round < 6; round += 1) {
        await pause(300)
        if (round % 2 === 0) talkative.publish({ topic: 'elsewhere', qos: 1, messageId: 1 })
        else talkative.send({ cmd: 'pingreq' })
        await talkative.expect(round % 2 === 0 ? 'puback' : 'pingresp')
      }
    })
  }
})
