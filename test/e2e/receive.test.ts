import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import type { MqttClient } from 'mqtt'
import { startBroker } from '../support/broker.ts'
import { connectClient, connectWithInbox, Inbox } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** `secret/NAME` is for NAME alone; `cause/WHY` goes out for that cause; `late/…` once the gate is open. */
const RECEIVE = `
import { allow, definePlugin } from 'bulkhead/plugin'
let isOpen = false
export default definePlugin({
  authenticate: () => allow(),
  authorizePublish: (event) => {
    if (event.topic === 'gate') isOpen = true
    return allow()
  },
  authorizeReceive: (event) => {
    const [kind, name] = event.message.topic.split('/')
    if (kind === 'late') return isOpen ? allow() : { default: 'deny' }
    if (kind === 'cause') return { default: event.cause === name ? 'allow' : 'deny' }
    if (kind !== 'secret') return allow()
    const except = event.targets.flatMap((target, place) => target.client.principal === name ? [place] : [])
    return { default: 'deny', except }
  },
})
`
const folder = tempFolder({ 'receive/plugin.ts': RECEIVE })
const { url } = await startBroker({ plugins: { [path.join(folder, 'receive')]: null } })

const kept = { clean: false, protocolVersion: 5, properties: { sessionExpiryInterval: 600 } } as const

async function enter(username: string): Promise<{ client: MqttClient; inbox: Inbox }> {
  return connectWithInbox(url, { username, protocolVersion: 5 })
}

function payloads(inbox: Inbox): readonly string[] {
  return inbox.messages.map(({ payload }) => payload)
}

describe('who may receive is asked', { timeout: 60_000 }, () => {
  test('live: each recipient of a message has its own answer, and no refusal shows', async () => {
    const all = await Promise.all(['alice', 'bob', 'carol'].map(enter))
    for (const { client } of all) await client.subscribeAsync('#', { qos: 1 })
    const [alice] = all
    await alice?.client.publishAsync('secret/bob', 'for bob', { qos: 1 })
    await alice?.client.publishAsync('open', 'for all', { qos: 1 })
    await Promise.all(all.map(({ inbox }, place) => inbox.take(place === 1 ? 2 : 1)))
    assert.deepEqual(
      all.map(({ inbox }) => payloads(inbox)),
      [['for all'], ['for bob', 'for all'], ['for all']],
    )
  })

  test('retained: when somebody subscribes', async () => {
    const publisher = await connectClient(url, { username: 'x' })
    await publisher.publishAsync('secret/dave', 'kept', { qos: 1, retain: true })
    for (const [name, expected] of [
      ['dave', ['kept', 'end']],
      ['eve', ['end']],
    ] as const) {
      const { client, inbox } = await enter(name)
      await client.subscribeAsync(['secret/#', `end/${name}`], { qos: 1 })
      await publisher.publishAsync(`end/${name}`, 'end', { qos: 1 })
      await inbox.take(expected.length)
      assert.deepEqual(payloads(inbox), expected)
    }
    await publisher.publishAsync('secret/dave', '', { qos: 1, retain: true })
  })

  test('queued: when the client is back, by what holds then', async () => {
    const options = { ...kept, clientId: 'frank', username: 'frank' }
    const first = await connectClient(url, options)
    await first.subscribeAsync('#', { qos: 1 })
    await first.endAsync()
    const publisher = await connectClient(url, { username: 'x' })
    await publisher.publishAsync('secret/grace', 'not for frank', { qos: 1 })
    await publisher.publishAsync('late/1', 'refused when it came, allowed by now', { qos: 2 })
    await publisher.publishAsync('secret/frank', 'for frank', { qos: 1 })
    await publisher.publishAsync('gate', 'now', { qos: 0 })
    const { inbox } = await connectWithInbox(url, options)
    await inbox.take(2)
    assert.deepEqual(payloads(inbox), ['refused when it came, allowed by now', 'for frank'])
  })

  test('shared: for the member whose turn it is', async () => {
    const { client, inbox } = await enter('heidi')
    await client.subscribeAsync(['$share/g/cause/#', 'end/heidi'], { qos: 1 })
    const publisher = await connectClient(url, { username: 'x' })
    for (const cause of ['live', 'shared', 'queued']) {
      await publisher.publishAsync(`cause/${cause}`, cause, { qos: 1 })
    }
    await publisher.publishAsync('end/heidi', 'end', { qos: 1 })
    await inbox.take(2)
    assert.deepEqual(payloads(inbox), ['shared', 'end'])
  })

  test('every answer in its order: messages of one topic do not overtake each other', async () => {
    const { client, inbox } = await enter('ivan')
    await client.subscribeAsync('row/#', { qos: 1 })
    const publisher = await connectClient(url, { username: 'x' })
    const sent = Array.from({ length: 300 }, (_, i) => `${i}`)
    for (const payload of sent) publisher.publish('row/1', payload, { qos: 0 })
    await inbox.take(sent.length)
    assert.deepEqual(payloads(inbox), sent)
  })
})
