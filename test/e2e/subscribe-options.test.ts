import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { NO_MOSQUITTO, subscribe } from '../support/mosquitto.ts'
import { connectWithInbox } from '../support/mqttjs.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** By the filter's first level; `slow` publishes are decided late. */
const CHOOSER = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const OPTIONS = {
  low: { maxQos: 1 },
  others: { noLocal: true },
  heard: { noLocal: false },
  flagged: { retainAsPublished: true },
  plain: { retainAsPublished: false },
  fresh: { retainHandling: 2 },
  always: { retainHandling: 0 },
}
export default definePlugin({
  authenticate: () => allow(),
  authorizePublish: async ({ topic }) => {
    for (let turn = 0; topic === 'slow' && turn < 200; turn += 1) await null
    return allow()
  },
  authorizeSubscribe: ({ filters }) => ({
    filters: filters.map(({ filter }) => allow(OPTIONS[filter.split('/')[0]] ?? {})),
  }),
  authorizeUnsubscribe: ({ filters }) => ({
    filters: filters.map(({ filter }) => filter === 'stay' ? deny({ code: 0x87, note: 'stays' }) : allow()),
  }),
})
`
const folder = tempFolder({ 'chooser/plugin.ts': CHOOSER })
const { port, url } = await startBroker({ plugins: { [path.join(folder, 'chooser')]: null } })

describe('the options of a subscription are the plugin’s last word', { timeout: 60_000 }, () => {
  test('maxQos: what is granted, and what is sent', async () => {
    const client = await RawClient.connect(port)
    assert.deepEqual(await client.subscribe({ topic: 'low/+', qos: 2 }, { topic: 'high', qos: 2 }), [1, 2])
    client.publish({ topic: 'low/1', qos: 2, messageId: 1 })
    await client.expect('pubrec')
    assert.equal((await client.expect('publish')).qos, 1)
  })

  test('noLocal: put on one, taken from another', async () => {
    const { client, inbox } = await connectWithInbox(url, { protocolVersion: 5 })
    await client.subscribeAsync('others/+', { qos: 1, nl: false })
    await client.subscribeAsync('heard/+', { qos: 1, nl: true })
    for (const topic of ['others/1', 'heard/1']) await client.publishAsync(topic, '', { qos: 1 })
    const [message] = await inbox.take(1)
    assert.equal(message?.topic, 'heard/1')
  })

  test('retainAsPublished: whether the flag of a live message stays', async () => {
    const { client, inbox } = await connectWithInbox(url, { protocolVersion: 5 })
    await client.subscribeAsync('flagged/1', { qos: 1, rap: false })
    await client.subscribeAsync('plain/1', { qos: 1, rap: true })
    for (const topic of ['flagged/1', 'plain/1'])
      await client.publishAsync(topic, 'x', { qos: 1, retain: true })
    const got = await inbox.take(2)
    assert.deepEqual(
      new Map(got.map(({ topic, retain }) => [topic, retain])),
      new Map([
        ['flagged/1', true],
        ['plain/1', false],
      ]),
    )
  })

  test('retainHandling: whether what is retained is sent', { skip: NO_MOSQUITTO }, async () => {
    const { client, inbox } = await connectWithInbox(url, { protocolVersion: 5 })
    for (const topic of ['fresh/1', 'always/1'])
      await client.publishAsync(topic, 'kept', { qos: 1, retain: true })
    const sub = await subscribe(port, ['-t', 'fresh/1', '-t', 'always/1', '-F', '%t %r'])
    await client.publishAsync('fresh/1', 'live', { qos: 1 })
    assert.deepEqual(await sub.lines(2), ['always/1 1', 'fresh/1 0'])
    for (const rh of [2, 2] as const) await client.subscribeAsync('always/1', { qos: 1, rh })
    await inbox.take(2)
  })
})

describe('SUBSCRIBE and UNSUBSCRIBE keep their place among publishes', { timeout: 60_000 }, () => {
  test('what was published before waits no longer than its plugins, and comes first', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'slow', qos: 0 })
    client.publish({ topic: 'slow', payload: 'before' })
    client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['slow', 'stay'] })
    client.publish({ topic: 'slow', payload: 'behind' })
    assert.equal(String((await client.expect('publish')).payload), 'before')
    assert.deepEqual((await client.expect('unsuback')).granted, [0, 0x87])
    await client.silence()
  })
})
