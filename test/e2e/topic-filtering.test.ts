import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { connectClient, Inbox } from '../support/mqttjs.ts'
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
