import assert from 'node:assert/strict'
import { connect } from 'node:net'
import path from 'node:path'
import { after, test } from 'node:test'
import type { MqttClient } from 'mqtt'
import { type Broker, createBroker } from '../../src/index.ts'
import { FREE_LISTENERS } from '../support/broker.ts'
import { NO_MOSQUITTO, subscribe } from '../support/mosquitto.ts'
import { closed, connectClient, connectWithInbox, disconnectReason } from '../support/mqttjs.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

// it outlives the brokers whose data it holds
const folder = tempFolder({})

async function opened(config: Readonly<Record<string, unknown>> = {}): Promise<Broker> {
  const broker = await createBroker(
    {
      listeners: FREE_LISTENERS,
      anonymous: true,
      topicDefault: 'allow',
      metrics: { bind: '127.0.0.1:0' },
      ...config,
    },
    { log: 'silent', env: {} },
  )
  after(() => broker.stop({ drainSec: 0 }))
  await broker.start()
  return broker
}

const urlOf = (broker: Broker): string => broker.listeners[0]?.url ?? ''

/** So many clients that waves of one each take longer than a test may. */
const crowd = (url: string): Promise<MqttClient[]> =>
  Promise.all(Array.from({ length: 150 }, () => connectClient(url, { protocolVersion: 5 })))

test('while clients are sent away the broker is not ready and takes nobody, and who is here is served', async () => {
  const broker = await opened({ serverReference: 'other.example:8883' })
  const clients = await Promise.all(
    Array.from({ length: 4 }, () => connectWithInbox(urlOf(broker), { protocolVersion: 5 })),
  )
  const told = clients.map(
    ({ client }) =>
      new Promise<[number | undefined, string | undefined]>((resolve) =>
        client.once('disconnect', ({ reasonCode, properties }) =>
          resolve([reasonCode, properties?.serverReference]),
        ),
      ),
  )
  const { origin } = new URL(broker.metricsUrl ?? '')
  const stopped = broker.stop({ drainSec: 3 })
  const [readyz, livez] = await Promise.all([fetch(`${origin}/readyz`), fetch(`${origin}/livez`)])
  assert.deepEqual([readyz.status, livez.status], [503, 200])
  assert.match(await readyz.text(), /sends its clients away/)
  const refused = connect(broker.listeners[0]?.port ?? 0, '127.0.0.1')
  after(() => refused.destroy())
  await new Promise((resolve) => refused.once('error', resolve))
  const first = await Promise.race(told)
  assert.deepEqual(first, [0x9c, 'other.example:8883'])
  assert.deepEqual(new Set((await Promise.all(told)).map(String)), new Set(['156,other.example:8883']))
  await stopped
})

test('what was acknowledged before a client is sent away reaches who waits for it; its will goes out', async () => {
  const data = path.join(folder, 'data')
  const broker = await opened({ data })
  const keeper = { protocolVersion: 5, clientId: 'keeper', clean: false } as const
  const properties = { sessionExpiryInterval: 600 }
  const away = await connectClient(urlOf(broker), { ...keeper, properties })
  await away.subscribeAsync('#', { qos: 1 })
  await away.endAsync()
  const publisher = await connectClient(urlOf(broker), {
    protocolVersion: 5,
    will: { topic: 'will', payload: Buffer.from('gone'), qos: 1, retain: false },
  })
  let acknowledged = 0
  const flooding = (async () => {
    for (;;) {
      await publisher.publishAsync('m', String(acknowledged), { qos: 1 })
      acknowledged += 1
    }
  })()
  const gone = disconnectReason(publisher)
  await publisher.publishAsync('first', 'x', { qos: 1 })
  await broker.stop({ drainSec: 1 })
  assert.equal(await gone, 0x8b)
  await publisher.endAsync(true)
  await assert.rejects(flooding)
  const next = await opened({ data })
  const { inbox } = await connectWithInbox(urlOf(next), { ...keeper, properties })
  // nothing of the publisher's comes behind its will
  while (inbox.messages.at(-1)?.topic !== 'will') await inbox.take(inbox.messages.length + 1)
  const numbers = inbox.messages.filter(({ topic }) => topic === 'm').map(({ payload }) => Number(payload))
  assert.ok(numbers.length >= acknowledged && acknowledged > 0, `${numbers.length} of ${acknowledged}`)
  assert.deepEqual(new Set(numbers).size, numbers.length)
})

test('before MQTT 5 there is no word for it: the connection is closed', { skip: NO_MOSQUITTO }, async () => {
  const broker = await opened()
  const old = await RawClient.connect(broker.listeners[0]?.port ?? 0, 4)
  const foreign = await subscribe(broker.listeners[0]?.port ?? 0, ['-t', 'a', '-V', '5'])
  foreign.child.stderr?.resume()
  const [said] = await Promise.all([old.end(), broker.stop({ drainSec: 1 })])
  assert.deepEqual(said, [])
})

test('a stop that is in a hurry cuts a drain short', async () => {
  const broker = await opened({ drainSec: 3600 })
  const clients = await crowd(urlOf(broker))
  const over = Promise.all(clients.map(closed))
  const stopped = broker.stop()
  await broker.stopping
  await Promise.all([broker.stop({ drainSec: 0 }), stopped, over])
})
