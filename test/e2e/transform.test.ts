import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { NO_MOSQUITTO, run, subscribe } from '../support/mosquitto.ts'
import { connectWithInbox } from '../support/mqttjs.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

const SHAPER = `
import { definePlugin, deny, text } from 'bulkhead/plugin'
const SHAPES = {
  celsius: (event) => ({
    op: 'patch',
    patch: {
      topic: 'fahrenheit',
      payload: String(Number(text(event)) * 1.8 + 32),
      properties: { contentType: 'text/plain', userProperties: [['by', 'shaper']] },
    },
  }),
  both: () => ({ op: 'replace', with: [{ topic: 'one' }, { topic: 'two', payload: new Uint8Array([255]) }] }),
  spam: () => ({ op: 'drop' }),
  'black hole': () => ({ op: 'drop', ack: 'silent' }),
  kept: () => ({ op: 'patch', patch: { topic: 'stored' } }),
  sneak: () => ({ op: 'patch', patch: { topic: 'admin/x' } }),
  'half sneak': () => ({ op: 'replace', with: [{ topic: 'fine' }, { topic: 'admin/x' }] }),
  late: async () => ({ op: 'patch', patch: { topic: 'late' } }),
  slow: () => ({ op: 'patch', patch: { topic: 'slowly' } }),
  refused: () => deny('topicNameInvalid', 'not this one'),
  wildcard: () => ({ op: 'patch', patch: { topic: 'a/#' } }),
  system: () => ({ op: 'patch', patch: { topic: '$SYS/broker/uptime' } }),
  nonsense: () => ({ op: 'patch', patch: { packetId: 7 } }),
  nothing: () => undefined,
  thrown: () => { throw new Error('no') },
}
export default definePlugin({
  capabilities: { payload: true },
  transformMessage: (event) =>
    Object.hasOwn(SHAPES, event.topic) ? SHAPES[event.topic](event) : { op: 'pass' },
})
`
const LOUD = `
import { definePlugin, text } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { payload: true, publish: { topics: ['celsius', 'sneak'] } },
  transformMessage: (event) =>
    event.topic === 'fahrenheit' ? { op: 'patch', patch: { payload: text(event) + '!' } } : { op: 'pass' },
  onBrokerMessageReceived: (event, ctx) => {
    if (event.message.topic !== 'ask') return
    ctx.publish({ topic: 'sneak', payload: '1' })
    ctx.publish({ topic: 'celsius', payload: '5' })
  },
})
`
const GATE = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) =>
    event.topic.startsWith('admin/')
      ? deny('notAuthorized', 'admins only')
      : event.topic === 'slowly' ? allow({ throttleMs: 300 }) : allow(),
})
`
const folder = tempFolder({ 'shaper/plugin.ts': SHAPER, 'loud/plugin.ts': LOUD, 'gate/plugin.ts': GATE })
const plugins = Object.fromEntries(['shaper', 'loud', 'gate'].map((name) => [path.join(folder, name), null]))
const { port, url } = await startBroker({ anonymous: true, plugins })

async function listener(topic: string): Promise<RawClient> {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic, qos: 2 })
  return client
}

/** The code and the words with which a PUBLISH of QoS 1 is acknowledged. */
async function pubackOf(topic: string): Promise<readonly [number, string | undefined]> {
  const client = await RawClient.connect(port)
  client.publish({ topic, payload: 'x', qos: 1, messageId: 1 })
  const { reasonCode, properties } = await client.expect('puback')
  return [reasonCode ?? 0, properties?.reasonString]
}

describe('transformMessage', () => {
  test('topic, payload and properties are changed, by one plugin after the other', async () => {
    const { client: heard, inbox } = await connectWithInbox(url, { protocolVersion: 5 })
    await heard.subscribeAsync('#')
    const { client } = await connectWithInbox(url, { protocolVersion: 5 })
    await client.publishAsync('celsius', '20', {
      qos: 1,
      properties: { responseTopic: 'back', payloadFormatIndicator: true },
    })
    const [message] = await inbox.take(1)
    assert.deepEqual([message?.topic, message?.payload, message?.qos], ['fahrenheit', '68!', 0])
    const { properties } = message?.packet ?? {}
    assert.equal(properties?.contentType, 'text/plain')
    assert.equal(properties?.responseTopic, 'back')
    assert.equal(properties?.payloadFormatIndicator, true)
    assert.equal(properties?.userProperties?.['by'], 'shaper')
  })

  test('mosquitto’s clients see the changed message alone', { skip: NO_MOSQUITTO }, async () => {
    const heard = await subscribe(port, ['-t', '#', '-v', '-C', '1'])
    assert.equal((await run('mosquitto_pub', port, ['-t', 'celsius', '-m', '100', '-q', '2'])).code, 0)
    assert.deepEqual(await heard.lines(1), ['fahrenheit 212!'])
  })

  test('a retained message is kept under its new topic', async () => {
    const client = await RawClient.connect(port)
    client.publish({ topic: 'kept', payload: 'x', retain: true, qos: 1, messageId: 1 })
    await client.expect('puback')
    const later = await listener('stored')
    assert.equal(String((await later.expect('publish')).payload), 'x')
    const none = await listener('kept')
    await none.silence()
    client.publish({ topic: 'kept', payload: '', retain: true, qos: 1, messageId: 2 })
    await client.expect('puback')
    const cleared = await listener('stored')
    await cleared.silence()
  })
})

describe('what comes of a message', () => {
  test('[MQTT-4.3.3-10] a QoS 2 message that becomes two is one exchange, and each of them once', async () => {
    const heard = await listener('+')
    const client = await RawClient.connect(port)
    const packet = {
      cmd: 'publish',
      topic: 'both',
      payload: 'x',
      qos: 2,
      messageId: 9,
      retain: false,
    } as const
    client.send({ ...packet, dup: false }, { ...packet, dup: true })
    await client.expect('pubrec')
    await client.expect('pubrec')
    client.send({ cmd: 'pubrel', messageId: 9 })
    assert.equal((await client.expect('pubcomp')).messageId, 9)
    const [one, two] = [await heard.expect('publish'), await heard.expect('publish')]
    assert.deepEqual([one.topic, String(one.payload), one.qos], ['one', 'x', 2])
    assert.deepEqual([two.topic, two.payload], ['two', Buffer.of(255)])
    await heard.silence()
  })

  test('[MQTT-3.8.3-3] No Local holds for what becomes of a client’s own message', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: '#', qos: 0, nl: true })
    client.publish({ topic: 'both', qos: 1, messageId: 1 })
    await client.expect('puback')
    await client.silence()
  })

  test('publishes leave in their order, also past one that waits', async () => {
    const heard = await listener('#')
    const client = await RawClient.connect(port)
    for (const topic of ['late', 'first', 'late', 'second']) client.publish({ topic, payload: topic })
    for (const topic of ['late', 'first', 'late', 'second']) {
      assert.equal((await heard.expect('publish')).topic, topic)
    }
  })

  test('throttleMs of what comes out keeps the publisher from being read', async () => {
    const client = await RawClient.connect(port)
    const start = performance.now()
    client.publish({ topic: 'slow', qos: 1, messageId: 1 })
    await client.expect('puback')
    await client.silence()
    assert.ok(performance.now() - start > 200)
  })
})

describe('what a transform makes is no way around authorizePublish', () => {
  test('a client’s message that it moves to a refused topic is refused, all of it', async () => {
    const heard = await listener('#')
    assert.deepEqual(await pubackOf('sneak'), [0x87, 'admins only'])
    assert.deepEqual(await pubackOf('half sneak'), [0x87, 'admins only'])
    await heard.silence()
  })

  test('a will that it moves there is not published', async () => {
    const heard = await listener('#')
    for (const [topic, payload] of [
      ['sneak', 'x'],
      ['celsius', '10'],
    ] as const) {
      const will = { topic, payload: Buffer.from(payload), qos: 1, retain: false } as const
      const client = await RawClient.connect(port, 5, { will })
      client.socket.destroy()
    }
    assert.equal(String((await heard.expect('publish')).payload), '50!')
    await heard.silence()
  })

  test('nor is a plugin’s message; another that it changes goes out', async () => {
    const heard = await listener('+')
    const spied = await listener('admin/#')
    const client = await RawClient.connect(port)
    client.publish({ topic: 'ask', qos: 1, messageId: 1 })
    await client.expect('puback')
    await heard.expect('publish')
    // not by itself: the loud one does not shout at its own message
    assert.equal(String((await heard.expect('publish')).payload), '41')
    await spied.silence()
  })

  test('what is no operation is refused: nothing opens by a failure', async () => {
    const heard = await listener('#')
    for (const topic of ['wildcard', 'system', 'nonsense', 'nothing', 'thrown']) {
      assert.deepEqual(await pubackOf(topic), [0x87, undefined], topic)
    }
    await heard.silence()
  })
})

describe('a drop', () => {
  test('tells MQTT 5 why, or acknowledges in silence', async () => {
    const heard = await listener('#')
    assert.deepEqual(await pubackOf('spam'), [0x87, undefined])
    assert.deepEqual(await pubackOf('refused'), [0x90, 'not this one'])
    assert.deepEqual(await pubackOf('black hole'), [0, undefined])
    await heard.silence()
  })

  test('before MQTT 5 it is acknowledged, or the connection ends: as the operator chose', async () => {
    const dropping = await RawClient.connect(port, 4)
    dropping.publish({ topic: 'spam', qos: 1, messageId: 1 })
    await dropping.expect('puback')
    const strict = await startBroker({ anonymous: true, plugins, mqtt: { onRefusedPublish: 'close' } })
    const closing = await RawClient.connect(strict.port, 4)
    closing.publish({ topic: 'black hole', qos: 1, messageId: 1 })
    await closing.expect('puback')
    closing.publish({ topic: 'spam', qos: 1, messageId: 2 })
    assert.deepEqual(await closing.end(), [])
  })
})
