import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { NO_MOSQUITTO, subscribe } from '../support/mosquitto.ts'
import { connectClient, connectWithInbox, type Inbox } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/**
 * Guests get what is under `room/` without its payload, under another topic and with less QoS, and of what is
 * `row` each odd one without its payload; what is under
 * `trap/` is changed to what its final form is refused for. `calls` has how often the hook was called for
 * each topic.
 */
const REDACTOR = `
import { allow, definePlugin } from 'bulkhead/plugin'
const calls = new Map()
const places = (targets, isMeant) => targets.flatMap(({ client }, place) => (isMeant(client) ? [place] : []))
export default definePlugin({
  capabilities: { publish: { topics: ['calls'], perSecond: 100 } },
  authenticate: () => allow(),
  authorizePublish: (event, ctx) => {
    if (event.topic === 'count') ctx.publish({ topic: 'calls', payload: JSON.stringify([...calls]) })
    return allow()
  },
  authorizeReceive: ({ message, targets, cause }) => {
    const { topic } = message
    calls.set(topic, (calls.get(topic) ?? 0) + 1)
    if (topic === 'forbidden') return { default: 'deny' }
    const guests = places(targets, (client) => client.username.startsWith('guest'))
    const trap = { targets: guests, patch: { topic: 'forbidden' } }
    if (topic.startsWith('trap/')) return { default: 'allow', groups: [trap] }
    if (topic === 'row' && message.properties?.contentType === 'odd') {
      return { default: 'allow', groups: [{ targets: guests, patch: { payload: 'odd' } }] }
    }
    if (!topic.startsWith('room/')) return allow()
    const patch = {
      topic: 'public/' + topic,
      payload: new Uint8Array([42]),
      qos: 0,
      properties: { userProperties: [['cause', cause]] },
    }
    const bare = places(targets, (client) => client.username === 'host')
    const flagged = { targets: bare, patch: { retain: true } }
    return { default: 'allow', groups: [{ targets: guests, patch }, flagged] }
  },
})
`
/** Lets everything through, and changes the payload of what is under \`duel/\`. */
const RIVAL = `
import { allow, definePlugin } from 'bulkhead/plugin'
const duel = (word) => ({ message, targets }) =>
  message.topic === 'duel/' + targets.length
    ? { default: 'allow', groups: [{ targets: [0], patch: { payload: word } }] }
    : allow()
export default definePlugin({ authorizeReceive: duel('WORD') })
`
const folder = tempFolder({
  'redactor/plugin.ts': REDACTOR,
  'one/plugin.ts': RIVAL.replace('WORD', 'one'),
  'two/plugin.ts': RIVAL.replace('WORD', 'two'),
})
const { port, url } = await startBroker({ plugins: { [path.join(folder, 'redactor')]: null } })
const rivals = await startBroker({
  anonymous: true,
  plugins: { [path.join(folder, 'one')]: null, [path.join(folder, 'two')]: null },
})
const publisher = await connectClient(url, { username: 'x', protocolVersion: 5 })

async function enter(username: string, options: object = {}) {
  return connectWithInbox(url, { username, protocolVersion: 5, ...options })
}

function heard(inbox: Inbox): readonly string[] {
  return inbox.messages.map(
    ({ topic, payload, qos, retain }) => `${topic} ${payload} ${qos}${retain ? ' retained' : ''}`,
  )
}

describe('what plugins change for some recipients', { timeout: 60_000 }, () => {
  test('live: topic, payload, QoS, properties and retain flag, for those that are meant alone', async () => {
    const all = await Promise.all(['guest1', 'member', 'host', 'guest2'].map((name) => enter(name)))
    for (const { client } of all) await client.subscribeAsync('#', { qos: 1 })
    await publisher.publishAsync('room/1', 'inner', { qos: 1, properties: { contentType: 'text' } })
    await publisher.publishAsync('end', 'end', { qos: 1 })
    await Promise.all(all.map(({ inbox }) => inbox.take(2)))
    assert.deepEqual(
      all.map(({ inbox }) => heard(inbox)[0]),
      ['public/room/1 * 0', 'room/1 inner 1', 'room/1 inner 1 retained', 'public/room/1 * 0'],
    )
    const { properties } = all[0]?.inbox.messages[0]?.packet ?? {}
    assert.equal(properties?.contentType, 'text')
    assert.deepEqual({ ...properties?.userProperties }, { cause: 'live' })
  })

  test('nobody receives what its final form is refused for', async () => {
    const all = await Promise.all([enter('guest'), enter('member')])
    for (const { client } of all) await client.subscribeAsync(['trap/#', 'end'], { qos: 1 })
    await publisher.publishAsync('trap/1', 'x', { qos: 1 })
    await publisher.publishAsync('end', 'end', { qos: 1 })
    await Promise.all(all.map(({ inbox }, place) => inbox.take(place + 1)))
    assert.deepEqual(
      all.map(({ inbox }) => heard(inbox)),
      [['end end 1'], ['trap/1 x 1', 'end end 1']],
    )
  })

  test('one call for all recipients, and one more for each changed form', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => enter(i % 2 ? `guest${i}` : `m${i}`)))
    for (const { client } of all) await client.subscribeAsync('room/counted', { qos: 0 })
    const { client, inbox } = await enter('counter')
    await client.subscribeAsync('calls', { qos: 1 })
    await publisher.publishAsync('room/counted', 'x', { qos: 1 })
    await Promise.all(all.map((each) => each.inbox.take(1)))
    await publisher.publishAsync('count', '', { qos: 1 })
    const [calls] = await inbox.take(1)
    const counts = new Map(JSON.parse(calls?.payload ?? '') as [string, number][])
    assert.deepEqual([counts.get('room/counted'), counts.get('public/room/counted')], [1, 1])
  })
})

describe('what plugins change, however it comes', { timeout: 60_000 }, () => {
  test('retained, queued and shared deliveries are changed as well', { skip: NO_MOSQUITTO }, async () => {
    await publisher.publishAsync('room/kept', 'inner', { qos: 1, retain: true })
    const sub = await subscribe(port, ['-u', 'guest', '-t', 'room/kept', '-F', '%t %p %r', '-V', 'mqttv311'])
    assert.deepEqual(await sub.lines(1), ['public/room/kept * 1'])
    sub.child.kill()

    const options = { clientId: 'gq', clean: false, properties: { sessionExpiryInterval: 600 } }
    const first = await enter('guest', options)
    await first.client.subscribeAsync('room/queued', { qos: 2 })
    await first.client.endAsync()
    await publisher.publishAsync('room/queued', 'inner', { qos: 2 })
    const { inbox } = await enter('guest', options)
    await inbox.take(1)
    assert.deepEqual(heard(inbox), ['public/room/queued * 0'])
    const cause = { ...inbox.messages[0]?.packet.properties?.userProperties }
    assert.deepEqual(cause, { cause: 'queued' })

    const sharing = await enter('guest')
    await sharing.client.subscribeAsync('$share/g/room/shared', { qos: 1 })
    await publisher.publishAsync('room/shared', 'inner', { qos: 1 })
    await sharing.inbox.take(1)
    assert.deepEqual({ ...sharing.inbox.messages[0]?.packet.properties?.userProperties }, { cause: 'shared' })
  })

  test('two plugins that change a message differently contradict each other: it is not delivered', async () => {
    const { client, inbox } = await connectWithInbox(rivals.url, { protocolVersion: 5 })
    await client.subscribeAsync('#', { qos: 1 })
    await client.publishAsync('duel/1', 'x', { qos: 1 })
    await client.publishAsync('peace', 'x', { qos: 1 })
    const [message] = await inbox.take(1)
    assert.equal(message?.topic, 'peace')
  })

  test('changed and unchanged messages of one topic keep their order', async () => {
    const all = await Promise.all([enter('guest'), enter('member')])
    for (const { client } of all) await client.subscribeAsync('row', { qos: 0 })
    const sent = Array.from({ length: 200 }, (_, i) => `${i}`)
    for (const [i, payload] of sent.entries()) {
      publisher.publish('row', payload, { qos: 0, properties: { contentType: i % 2 === 1 ? 'odd' : 'even' } })
    }
    await Promise.all(all.map(({ inbox }) => inbox.take(sent.length)))
    const payloads = all.map(({ inbox }) => inbox.messages.map(({ payload }) => payload))
    assert.deepEqual(payloads, [sent.map((payload, i) => (i % 2 === 1 ? 'odd' : payload)), sent])
  })
})
