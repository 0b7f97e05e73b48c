import assert from 'node:assert/strict'
import { startBroker } from '../../support/broker.ts'
import { onEachLevel, payloadsOf } from '../../support/hand-written.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

/** Subscribes with QoS 2. */
async function subscriberOf(level: 3 | 4, ...topics: readonly string[]): Promise<RawClient> {
  const subscriber = await RawClient.connect(port, level)
  for (const topic of topics) await subscriber.subscribe({ topic, qos: 2 })
  return subscriber
}

/** Publishes it, as a retained message, and waits for the broker to have it. */
async function retain(
  publisher: RawClient,
  fields: { readonly topic: string; readonly payload: string; readonly qos?: 0 | 1 | 2 },
): Promise<void> {
  publisher.publish({ ...fields, messageId: 1, retain: true })
  if (fields.qos === 1) await publisher.expect('puback')
  if (fields.qos === 2) {
    await publisher.expect('pubrec')
    publisher.send({ cmd: 'pubrel', messageId: 1 })
    await publisher.expect('pubcomp')
  }
  await publisher.silence()
}

function essence({ retain, qos, payload }: PacketOf<'publish'>): unknown {
  return { retain, qos, payload: String(payload) }
}

/** What is retained under this topic, as a new subscriber gets it. */
async function retainedUnder(level: 3 | 4, topic: string): Promise<unknown> {
  const late = await RawClient.connect(port, level)
  await late.subscribe({ topic, qos: 2 })
  late.send({ cmd: 'disconnect' })
  const [publish, ...more] = await late.end()
  assert.equal(more.length, 0)
  return publish?.cmd === 'publish' ? essence(publish) : undefined
}

onEachLevel('[MQTT-3.3.1-5] a retained message is kept with its QoS', async (level) => {
  const publisher = await RawClient.connect(port, level)
  for (const qos of [0, 1, 2] as const) {
    const topic = `retained-qos-${qos}/${level}`
    await retain(publisher, { topic, payload: 'kept', qos })
    assert.deepEqual(await retainedUnder(level, topic), { retain: true, qos, payload: 'kept' })
  }
})

onEachLevel(
  '[MQTT-3.3.1-6] a new subscription gets the last one of each topic that matches',
  async (level) => {
    const publisher = await RawClient.connect(port, level)
    const topics = ['a', 'b', 'b/c'].map((last) => `retained-last/${last}/${level}`)
    for (const topic of topics) await retain(publisher, { topic, payload: 'old' })
    for (const topic of topics) await retain(publisher, { topic, payload: topic })
    await retain(publisher, { topic: `retained-other/${level}`, payload: 'not asked for' })
    const filter = 'retained-last/#'
    const late = await RawClient.connect(port, level)
    await late.subscribe({ topic: filter, qos: 0 })
    const got = new Set(await payloadsOf(late, 3))
    assert.ok(topics.every((topic) => got.has(topic)))
    await late.silence()
    for (const topic of topics) await retain(publisher, { topic, payload: '' })
  },
)

onEachLevel('[MQTT-3.3.1-7] one of QoS 0 takes the place of the one before, of any QoS', async (level) => {
  const publisher = await RawClient.connect(port, level)
  const topic = `retained-replaced/${level}`
  for (const qos of [0, 1, 2] as const) {
    await retain(publisher, { topic, payload: 'before', qos })
    await retain(publisher, { topic, payload: `after ${qos}` })
    assert.deepEqual(await retainedUnder(level, topic), { retain: true, qos: 0, payload: `after ${qos}` })
  }
})

onEachLevel('[MQTT-3.3.1-8] what a new subscription brings has the retain flag', async (level) => {
  const topic = `retained-flag/${level}`
  const client = await RawClient.connect(port, level)
  await retain(client, { topic, payload: 'kept', qos: 1 })
  // a subscription that takes the place of the same one is a new one, too
  for (let round = 0; round < 2; round += 1) {
    await client.subscribe({ topic, qos: 0 })
    assert.deepEqual(essence(await client.expect('publish')), { retain: true, qos: 0, payload: 'kept' })
  }
})

onEachLevel('[MQTT-3.3.1-9] what a standing subscription brings has not', async (level) => {
  const topic = `retained-live/${level}`
  const subscriber = await subscriberOf(level, topic)
  const publisher = await RawClient.connect(port, level)
  for (const qos of [0, 1, 2] as const) {
    await retain(publisher, { topic, payload: 'live', qos })
    assert.deepEqual(essence(await subscriber.expect('publish')), { retain: false, qos, payload: 'live' })
  }
})

onEachLevel(
  '[MQTT-3.3.1-10] an empty one is delivered like any, and takes away what was kept',
  async (level) => {
    const topic = `retained-emptied/${level}`
    const publisher = await RawClient.connect(port, level)
    for (const qos of [0, 1, 2] as const) {
      await retain(publisher, { topic, payload: 'kept', qos: 1 })
      const subscriber = await RawClient.connect(port, level)
      await subscriber.subscribe({ topic, qos: 2 })
      await subscriber.expect('publish')
      await retain(publisher, { topic, payload: '', qos })
      assert.deepEqual(essence(await subscriber.expect('publish')), { retain: false, qos, payload: '' })
      assert.equal(await retainedUnder(level, topic), undefined)
    }
  },
)

onEachLevel('[MQTT-3.3.1-11] an empty one is not kept itself', async (level) => {
  const topic = `retained-empty/${level}`
  await retain(await RawClient.connect(port, level), { topic, payload: '', qos: 1 })
  assert.equal(await retainedUnder(level, topic), undefined)
})

onEachLevel(
  '[MQTT-3.3.1-12] without the retain flag nothing is kept, replaced or taken away',
  async (level) => {
    const topic = `retained-untouched/${level}`
    const publisher = await RawClient.connect(port, level)
    publisher.publish({ topic, payload: 'not kept', qos: 1, messageId: 1 })
    await publisher.expect('puback')
    assert.equal(await retainedUnder(level, topic), undefined)
    await retain(publisher, { topic, payload: 'kept' })
    for (const payload of ['other', '']) {
      publisher.publish({ topic, payload, qos: 1, messageId: 2 })
      await publisher.expect('puback')
    }
    assert.deepEqual(await retainedUnder(level, topic), { retain: true, qos: 0, payload: 'kept' })
  },
)
