import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { NO_MOSQUITTO, run, subscribe } from '../support/mosquitto.ts'
import { connectClient, connectWithInbox, type Inbox } from '../support/mqttjs.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

/**
 * Everybody subscribes below `home/USER/`, but for what begins with `raw/`. What is below it is allowed as it
 * is, but for secrets; `astray` is rewritten twice, `lost` to what cannot be mapped back.
 */
const REWRITER = `
import { allow, definePlugin, deny, disconnect } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: () => allow(),
  authorizeSubscribe: ({ client, filters }) => {
    const home = 'home/' + client.username + '/'
    const answer = ({ filter }) => {
      if (filter.startsWith('raw/')) return allow()
      if (filter === 'astray' || filter === 'astray/1') return allow({ rewriteTo: filter + '/1' })
      if (filter === 'lost') return allow({ rewriteTo: 'lost/+' })
      if (filter === 'low/#') return allow({ rewriteTo: home + filter, maxQos: 0 })
      if (filter.startsWith(home + 'secret')) {
        return deny({ code: 0x87, reason: 'no secrets', userProperties: [['ask', 'the owner']] })
      }
      return filter.startsWith('home/') ? allow() : allow({ rewriteTo: home + filter })
    }
    if (filters.some(({ filter }) => filter === 'home/' + client.username + '/out')) {
      return disconnect({ code: 0x87, reason: 'out' })
    }
    return { filters: filters.map(answer) }
  },
  authorizePublish: () => allow(),
  authorizeReceive: ({ message, targets }) => ({
    default: 'allow',
    // the check sees the topic and the filter as they are routed
    except: targets.flatMap(({ filter }, place) =>
      message.topic.startsWith('home/') && filter.startsWith('home/') || message.topic.startsWith('raw/')
        ? [] : [place]),
  }),
})
`
const folder = tempFolder({ 'rewriter/plugin.ts': REWRITER })
const { port, url } = await startBroker({ plugins: { [path.join(folder, 'rewriter')]: null } })

async function enter(username: string, options: object = {}) {
  return connectWithInbox(url, { username, protocolVersion: 5, ...options })
}

/** Topic, payload and subscription identifiers of what came. */
function heard(inbox: Inbox): readonly string[] {
  return inbox.messages.map(({ topic, payload }) => `${topic} ${payload}`)
}

const publisher = await connectClient(url, { username: 'x', protocolVersion: 5 })

describe('a filter that a plugin rewrites', { timeout: 60_000 }, () => {
  test('mosquitto_sub hears under the names that it asked for', { skip: NO_MOSQUITTO }, async () => {
    for (const version of ['mqttv5', 'mqttv311']) {
      const sub = await subscribe(port, ['-V', version, '-u', version, '-t', 'rooms/#', '-v'])
      for (const topic of [`home/${version}/rooms/hall/lamp`, 'rooms/hall', `home/${version}/rooms`]) {
        await publisher.publishAsync(topic, 'on', { qos: 1 })
      }
      assert.deepEqual(await sub.lines(2), ['rooms/hall/lamp on', 'rooms on'])
      sub.child.kill()
    }
  })

  test('each filter of a SUBSCRIBE has its own answer; the final form is what is authorised', async () => {
    const client = await RawClient.connect(port, 5, { username: 'ann' })
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: ['a/#', 'secret/x', 'raw/#', 'lost', 'astray', 'low/#', '$share/g/b/+'].map((topic) => ({
        topic,
        qos: 1 as const,
      })),
    })
    const { granted, properties } = await client.expect('suback')
    assert.deepEqual(granted, [1, 0x87, 1, 0x83, 0x83, 0, 1])
    assert.equal(properties?.reasonString, 'no secrets')
    assert.deepEqual({ ...properties?.userProperties }, { ask: 'the owner' })
  })

  test('it is left by what the client wrote, and only so', async () => {
    const { client, inbox } = await enter('bob')
    await client.subscribeAsync(['a/#', 'raw/bob'], { qos: 1 })
    await publisher.publishAsync('home/bob/a/1', 'first', { qos: 1 })
    await inbox.take(1)
    const left = await new Promise<unknown>((resolve) => {
      client.unsubscribe(['home/bob/a/#', 'a/#'], (_error, packet) => resolve(packet))
    })
    assert.deepEqual((left as { granted: readonly number[] }).granted, [0x11, 0])
    await publisher.publishAsync('home/bob/a/1', 'second', { qos: 1 })
    await publisher.publishAsync('raw/bob', 'end', { qos: 1 })
    await inbox.take(2)
    assert.deepEqual(heard(inbox), ['a/1 first', 'raw/bob end'])
  })

  test('a disconnect from the second round ends the connection', { skip: NO_MOSQUITTO }, async () => {
    const { stdout, stderr } = await run('mosquitto_sub', port, [
      '-V',
      'mqttv5',
      '-u',
      'gus',
      '-t',
      'out',
      '-d',
    ])
    assert.match(stdout + stderr, /DISCONNECT|disconnect|not authori[sz]ed/i)
    const client = await RawClient.connect(port, 5, { username: 'gus' })
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'out', qos: 0 }] })
    assert.equal(await client.disconnected(), 0x87)
  })
})

describe('what comes by a rewritten filter', { timeout: 60_000 }, () => {
  test('retained messages come under the client’s names', async () => {
    await publisher.publishAsync('home/cy/r/1', 'kept', { qos: 1, retain: true })
    const { client, inbox } = await enter('cy')
    await client.subscribeAsync('#', { qos: 1 })
    const [message] = await inbox.take(1)
    assert.deepEqual([message?.topic, message?.retain], ['r/1', true])
  })

  test('queued messages too, and the check of their delivery sees them as routed', async () => {
    const options = { clientId: 'dan', clean: false, properties: { sessionExpiryInterval: 600 } }
    const first = await enter('dan', options)
    await first.client.subscribeAsync('q/+', { qos: 1 })
    await first.client.endAsync()
    for (const payload of ['1', '2']) await publisher.publishAsync('home/dan/q/x', payload, { qos: 1 })
    const { inbox } = await enter('dan', options)
    await inbox.take(2)
    assert.deepEqual(heard(inbox), ['q/x 1', 'q/x 2'])
  })

  test('a shared subscription keeps its group: each message goes to one member, by its own name', async () => {
    const members = await Promise.all([enter('eve'), enter('eve')])
    for (const { client } of members) await client.subscribeAsync('$share/team/jobs/+', { qos: 1 })
    const sent = ['1', '2', '3', '4']
    for (const payload of sent) await publisher.publishAsync('home/eve/jobs/x', payload, { qos: 1 })
    await Promise.all(members.map(({ inbox }) => inbox.take(2)))
    assert.deepEqual(
      members.flatMap(({ inbox }) => heard(inbox)).toSorted(),
      sent.map((payload) => `jobs/x ${payload}`),
    )
  })

  test('filters that overlap bring one copy for each name, with the identifiers of those that agree', async () => {
    const { client, inbox } = await enter('fay')
    for (const [filter, subscriptionIdentifier] of [
      ['o/#', 1],
      ['o/+', 2],
      ['raw/o', 3],
      ['home/fay/o/#', 4],
    ] as const) {
      await client.subscribeAsync(filter, { qos: 1, properties: { subscriptionIdentifier } })
    }
    await publisher.publishAsync('home/fay/o/x', 'x', { qos: 1 })
    await publisher.publishAsync('raw/o', 'end', { qos: 1 })
    await inbox.take(3)
    const copies = inbox.messages.map(({ topic, packet }) => [
      topic,
      [packet.properties?.subscriptionIdentifier].flat().join(),
    ])
    // which of the copies comes first is nobody's business
    assert.deepEqual(
      new Map(copies as [string, string][]),
      new Map([
        ['home/fay/o/x', '4'],
        ['o/x', '1,2'],
        ['raw/o', '3'],
      ]),
    )
    assert.equal(copies.length, 3)
  })
})
