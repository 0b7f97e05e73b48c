import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { connectClient, connectWithInbox, Inbox } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** As people write it who come from aMQTT: true, false and null, one hook for three actions. */
const GENERAL = `
import { definePlugin } from 'bulkhead/plugin'
const USERS = { alice: true, bob: true, mallory: false }
export default definePlugin({
  authenticate: (event) => USERS[event.username] ?? null,
  topicFiltering: (event) => {
    if (event.topic.startsWith('$')) return false
    if (event.topic === 'nobody/cares') return null
    if (event.action === 'publish') return !event.topic.startsWith('readonly/')
    if (event.action === 'subscribe') return !event.topic.startsWith('writeonly/')
    return event.client.principal === 'bob' ? !event.topic.startsWith('alices/') : true
  },
})
`
/** A second opinion on one action, by the sharp hook. */
const SHARP = `
import { abstain, allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    if (event.topic === 'nobody/cares') return allow()
    return event.topic === 'vetoed' ? deny({ code: 0x99 }) : abstain()
  },
})
`
const folder = tempFolder({ 'general/plugin.ts': GENERAL, 'sharp/plugin.ts': SHARP })
const general = await startBroker({ plugins: { [path.join(folder, 'general')]: null } })
const merged = await startBroker({
  plugins: { [path.join(folder, 'general')]: null, [path.join(folder, 'sharp')]: null },
})

/** The code of a publish's answer. */
async function publishing(at: { url: string }, topic: string): Promise<number> {
  const alice = await connectClient(at.url, { username: 'alice', protocolVersion: 5 })
  try {
    await alice.publishAsync(topic, 'x', { qos: 1 })
    return 0
  } catch (error) {
    return (error as { code: number }).code
  }
}

describe('true, false and null', { timeout: 60_000 }, () => {
  test('authenticate: true admits, false refuses, null is no opinion, which refuses as well', async () => {
    await connectClient(general.url, { username: 'alice', protocolVersion: 5 })
    await assert.rejects(connectClient(general.url, { username: 'mallory', protocolVersion: 5 }), {
      code: 0x80,
    })
    await assert.rejects(connectClient(general.url, { username: 'eve', protocolVersion: 5 }), { code: 0x87 })
    await assert.rejects(connectClient(general.url, { protocolVersion: 4, username: 'eve' }), { code: 5 })
  })

  test('publish', async () => {
    assert.equal(await publishing(general, 'free'), 0)
    assert.equal(await publishing(general, 'readonly/a'), 0x80)
    assert.equal(await publishing(general, 'nobody/cares'), 0x87)
  })

  test('subscribe: asked once a filter', async () => {
    const bob = await connectClient(general.url, { username: 'bob', protocolVersion: 4 })
    // MQTT.js calls a refused filter an error, and shows the packet all the same
    const grants = await new Promise<readonly number[]>((resolve) => {
      bob.subscribe(['free', 'writeonly/a', 'readonly/+'], { qos: 1 }, (_error, _granted, packet) =>
        resolve(packet?.granted as number[]),
      )
    })
    assert.deepEqual(grants, [1, 128, 1])
  })

  test('receive: asked once a recipient', async () => {
    const names = ['alice', 'bob']
    const clients = await Promise.all(names.map((username) => connectClient(general.url, { username })))
    const inboxes = clients.map((client) => new Inbox(client))
    for (const client of clients) await client.subscribeAsync('#', { qos: 1 })
    await clients[0]?.publishAsync('alices/diary', 'secret', { qos: 1 })
    await clients[0]?.publishAsync('end', 'end', { qos: 1 })
    const [alice, bob] = [await inboxes[0]?.take(2), await inboxes[1]?.take(1)]
    assert.deepEqual(
      [alice?.map(({ payload }) => payload), bob?.map(({ payload }) => payload)],
      [['secret', 'end'], ['end']],
    )
  })
})

const kept = { clean: false, clientId: 'bob', properties: { sessionExpiryInterval: 600 } } as const

async function enter(username: string, options: object = {}) {
  return connectWithInbox(general.url, { username, protocolVersion: 5, ...options })
}

/** HOOKS.md §1: receive is asked for retained, queued and shared delivery too. */
describe('receive, however a message comes', { timeout: 60_000 }, () => {
  test('retained', async () => {
    const { client: alice } = await enter('alice')
    await alice.publishAsync('alices/kept', 'secret', { qos: 1, retain: true })
    await alice.publishAsync('free/kept', 'kept', { qos: 1, retain: true })
    for (const [name, expected] of [
      ['alice', ['alices/kept', 'free/kept']],
      ['bob', ['free/kept']],
    ] as const) {
      const { client, inbox } = await enter(name)
      await client.subscribeAsync('+/kept', { qos: 1 })
      await client.publishAsync('end/kept', '', { qos: 1 })
      await inbox.take(expected.length + 1)
      const topics = inbox.messages.map(({ topic }) => topic)
      assert.deepEqual([topics.slice(0, -1).toSorted(), topics.at(-1)], [expected, 'end/kept'])
    }
  })

  test('queued, by what holds when the client is back', async () => {
    const first = await enter('bob', kept)
    await first.client.subscribeAsync('+/queued', { qos: 1 })
    await first.client.endAsync()
    const { client: alice } = await enter('alice')
    for (const topic of ['alices/queued', 'free/queued']) await alice.publishAsync(topic, '', { qos: 1 })
    const { inbox } = await enter('bob', kept)
    const [message] = await inbox.take(1)
    assert.equal(message?.topic, 'free/queued')
  })

  test('shared: asked about the member whose turn it is', async () => {
    const { client, inbox } = await enter('bob')
    await client.subscribeAsync('$share/g/+/shared', { qos: 1 })
    for (const topic of ['alices/shared', 'free/shared']) await client.publishAsync(topic, '', { qos: 1 })
    const [message] = await inbox.take(1)
    assert.equal(message?.topic, 'free/shared')
  })

  test('unsubscribing is none of its actions: nobody is kept', async () => {
    const { client } = await enter('bob')
    await client.subscribeAsync('free', { qos: 1 })
    const packet = await new Promise<unknown>((resolve) => {
      client.unsubscribe(['free', 'writeonly/a'], (_error, unsuback) => resolve(unsuback))
    })
    assert.deepEqual((packet as { granted: readonly number[] }).granted, [0, 0x11])
  })
})

describe('two plugins merge: deny over allow over abstain', { timeout: 60_000 }, () => {
  for (const [topic, code, why] of [
    ['free', 0, 'one allows, the other abstains'],
    ['nobody/cares', 0, 'one abstains, the other allows'],
    ['vetoed', 0x99, 'one allows, the other denies'],
    ['readonly/a', 0x80, 'one denies, the other abstains'],
  ] as const) {
    test(`${why}: ${code === 0 ? 'allowed' : 'denied'}`, async () => {
      assert.equal(await publishing(merged, topic), code)
    })
  }
})
