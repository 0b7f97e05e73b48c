import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { tempFolder } from '../../support/temp-folder.ts'

/** By the filter; `share/…` by its share name. */
const DECIDER = `
import { allow, definePlugin, deny, disconnect } from 'bulkhead/plugin'
const ANSWERS = {
  stay: deny({ code: 0x87, reason: 'stay here', userProperties: [['until', 'noon']] }),
  plain: deny(),
  slow: new Promise((resolve) => Promise.resolve().then(() => resolve(allow()))),
}
export default definePlugin({
  authorizeUnsubscribe: async ({ filters }) => {
    if (filters.some(({ filter }) => filter === 'out')) return disconnect({ code: 0x98, reason: 'enough' })
    if (filters.some(({ filter }) => filter === 'all')) return deny({ code: 0x83 })
    if (filters.some(({ filter }) => filter === 'bad')) return { filters: [] }
    const answers = filters.map(({ filter, share }) => share === 'g' ? deny() : ANSWERS[filter] ?? allow())
    return { filters: await Promise.all(answers) }
  },
})
`
const folder = tempFolder({ 'decider/plugin.ts': DECIDER })
const { port } = await startBroker({ anonymous: true })
const guarded = await startBroker({
  anonymous: true,
  topicDefault: 'deny',
  plugins: { [path.join(folder, 'decider')]: null },
})
const free = await startBroker({ anonymous: true, plugins: { [path.join(folder, 'decider')]: null } })

test('[MQTT-3.11.3-1] [MQTT-3.10.4-5] UNSUBACK has a code for each filter, also where nothing matched', async () => {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic: 'a/+', qos: 0 }, { topic: '$share/g/b', qos: 0 })
  client.send({
    cmd: 'unsubscribe',
    messageId: 7,
    unsubscriptions: ['a/+', 'a/b', 'a/+', '$share/g/b', 'a/#/b'],
  })
  const unsuback = await client.expect('unsuback')
  assert.equal(unsuback.messageId, 7)
  // [MQTT-3.10.4-1]: a filter is compared, not matched
  assert.deepEqual(unsuback.granted, [0, 0x11, 0x11, 0, 0x8f])
})

test('[MQTT-3.10.4-2] [MQTT-3.10.4-3] nothing more comes, but what is under way is finished', async () => {
  const client = await RawClient.connect(port)
  const publisher = await RawClient.connect(port)
  await client.subscribe({ topic: 'u', qos: 2 })
  publisher.publish({ topic: 'u', qos: 2, messageId: 1 })
  await publisher.expect('pubrec')
  const { messageId = 0 } = await client.expect('publish')
  client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['u'] })
  await client.expect('unsuback')
  publisher.publish({ topic: 'u', qos: 1, messageId: 3 })
  await publisher.expect('puback')
  client.send({ cmd: 'pubrec', messageId })
  await client.expect('pubrel')
  client.send({ cmd: 'pubcomp', messageId })
  await client.silence()
})

test('[MQTT-3.10.4-4] before MQTT 5 UNSUBACK has no codes', async () => {
  const client = await RawClient.connect(port, 4)
  client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['never'] })
  assert.equal((await client.expect('unsuback')).messageId, 7)
})

test('[MQTT-3.10.3-2] an UNSUBSCRIBE without a filter is refused as cut short', async () => {
  const client = await RawClient.connect(port)
  client.write(Buffer.from('a203000100', 'hex'))
  assert.equal(await client.disconnected(), 0x81)
})

describe('who may leave is asked', () => {
  test('each filter has its own answer, in UNSUBACK one to one [MQTT-3.11.3-2]', async () => {
    const client = await RawClient.connect(free.port)
    const filters = ['a', 'stay', 'plain', '$share/g/b', '$share/h/b', 'slow']
    await client.subscribe(...filters.map((topic) => ({ topic, qos: 0 as const })))
    client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: [...filters, 'never', 'a/#/b'] })
    const { granted, properties } = await client.expect('unsuback')
    assert.deepEqual(granted, [0, 0x87, 0x80, 0x80, 0, 0, 0x11, 0x8f])
    assert.equal(properties?.reasonString, 'stay here')
    assert.deepEqual({ ...properties?.userProperties }, { until: 'noon' })
    // who may not leave goes on receiving
    client.publish({ topic: 'stay' })
    assert.equal((await client.expect('publish')).topic, 'stay')
    client.publish({ topic: 'a' })
    await client.silence()
  })

  test('one verdict stands for all filters, and one answer too few refuses all of them', async () => {
    const client = await RawClient.connect(free.port)
    for (const [named, code] of [
      ['all', 0x83],
      ['bad', 0x87],
    ] as const) {
      client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: [named, 'b'] })
      assert.deepEqual((await client.expect('unsuback')).granted, [code, code])
    }
  })

  test('no words for a client that wants none [MQTT-3.1.2-29]', async () => {
    const properties = { requestProblemInformation: false }
    const client = await RawClient.connect(free.port, 5, { properties })
    client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['stay'] })
    const unsuback = await client.expect('unsuback')
    assert.deepEqual([unsuback.granted, unsuback.properties], [[0x87], undefined])
  })

  test('before MQTT 5 UNSUBACK comes all the same, and the subscription stays', async () => {
    const client = await RawClient.connect(free.port, 4)
    await client.subscribe({ topic: 'stay', qos: 0 })
    client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['stay'] })
    assert.equal((await client.expect('unsuback')).messageId, 7)
    client.publish({ topic: 'stay' })
    assert.equal((await client.expect('publish')).topic, 'stay')
  })

  test('a plugin’s disconnect is said with its code', async () => {
    const client = await RawClient.connect(free.port)
    client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['a', 'out'] })
    assert.equal(await client.disconnected(), 0x98)
  })

  test('topicDefault does not keep anybody: what no plugin declares is allowed', async () => {
    const client = await RawClient.connect(guarded.port)
    assert.deepEqual(await client.subscribe({ topic: 'a', qos: 0 }), [0x87])
    client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['a'] })
    assert.deepEqual((await client.expect('unsuback')).granted, [0x11])
  })

  test('what comes behind waits: nothing is read before UNSUBACK', async () => {
    const client = await RawClient.connect(free.port)
    await client.subscribe({ topic: 'a', qos: 0 })
    client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['a', 'slow'] })
    client.publish({ topic: 'a', payload: 'too late' })
    assert.deepEqual((await client.expect('unsuback')).granted, [0, 0x11])
    await client.silence()
  })
})
