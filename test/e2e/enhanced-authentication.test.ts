import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { connect } from 'mqtt'
import type { IAuthPacket, Packet } from 'mqtt-packet'
import { startBroker } from '../support/broker.ts'
import { connectPacket, RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** A challenge and its answer; who authenticates again chooses in its first packet how it ends. */
const CHALLENGE = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const read = (bytes) => (bytes === undefined ? '' : String.fromCharCode(...bytes))
export default definePlugin({
  authenticate: (event) => {
    if (event.authMethod === 'FOREVER') return { verdict: 'continue' }
    if (event.authMethod !== 'CHALLENGE') return event.username === 'plain' ? allow() : null
    const said = read(event.authData)
    if (said === 'no') return deny({ code: 0x86, reason: 'no' })
    if (event.step === 0) return { verdict: 'continue', data: 'riddle' }
    if (said !== 'solved' && said !== 'other') return deny({ code: 0x87, reason: 'wrong' })
    return allow({
      principal: said === 'other' ? 'bob' : 'ann',
      attributes: { level: event.client === undefined ? 'new' : 'renewed by ' + event.client.principal },
      authData: 'welcome',
    })
  },
  authorizePublish: (event) =>
    event.topic === event.client.attributes.level ? allow() : deny('notAuthorized'),
})
`
const folder = tempFolder({ 'challenge/plugin.ts': CHALLENGE })
const { port, url } = await startBroker({ plugins: { [path.join(folder, 'challenge')]: null } })
const hurried = await startBroker({
  plugins: { [path.join(folder, 'challenge')]: null },
  mqtt: { connectTimeoutSec: 1 },
})

const METHOD = { authenticationMethod: 'CHALLENGE' }

function data(text: string): { authenticationMethod: string; authenticationData: Buffer } {
  return { ...METHOD, authenticationData: Buffer.from(text) }
}

/** A client that has got its riddle. */
async function challenged(at = port): Promise<RawClient> {
  const client = await RawClient.open(at)
  client.send(connectPacket(5, { properties: data('hello') }))
  const { reasonCode, properties } = await client.expect('auth')
  assert.equal(reasonCode, 0x18)
  assert.deepEqual({ ...properties }, data('riddle'))
  return client
}

/** A client that is connected. */
async function admitted(): Promise<RawClient> {
  const client = await challenged()
  client.send({ cmd: 'auth', reasonCode: 0x18, properties: data('solved') })
  const { reasonCode, properties } = await client.expect('connack')
  assert.equal(reasonCode, 0)
  // [MQTT-4.12.0-5]
  assert.equal(properties?.authenticationMethod, 'CHALLENGE')
  assert.equal(String(properties?.authenticationData), 'welcome')
  return client
}

async function codeOfPublish(client: RawClient, topic: string): Promise<number | undefined> {
  client.publish({ topic, qos: 1, messageId: 1 })
  const { reasonCode } = await client.expect('puback')
  // allowed, though nobody has subscribed
  return reasonCode === 0x10 ? 0 : reasonCode
}

describe('a CONNECT with an authentication method', () => {
  test('[MQTT-4.12.0-2] is challenged in AUTH, and admitted with the plugin’s last word', async () => {
    const client = await admitted()
    assert.equal(await codeOfPublish(client, 'new'), 0)
  })

  test('[MQTT-4.12.0-4] is refused in CONNACK, at whichever step', async () => {
    const first = await RawClient.open(port)
    assert.equal((await first.connack({ properties: data('no') })).reasonCode, 0x86)
    const second = await challenged()
    second.send({ cmd: 'auth', reasonCode: 0x18, properties: data('guessed') })
    const { reasonCode, properties } = await second.expect('connack')
    assert.deepEqual([reasonCode, properties?.reasonString], [0x87, 'wrong'])
    assert.deepEqual(await second.end(), [])
  })

  test('[MQTT-4.12.0-1] that no plugin knows is refused with 0x8C', async () => {
    const client = await RawClient.open(port)
    const { reasonCode } = await client.connack({ properties: { authenticationMethod: 'UNHEARD' } })
    assert.equal(reasonCode, 0x8c)
  })

  test('works with a foreign client that answers by itself', async () => {
    const client = connect(url, {
      protocolVersion: 5,
      reconnectPeriod: 0,
      properties: data('hello'),
      manualConnect: true,
    })
    client.handleAuth = (packet: IAuthPacket, callback) => {
      assert.equal(String(packet.properties?.authenticationData), 'riddle')
      callback(undefined, { cmd: 'auth', reasonCode: 0x18, properties: data('solved') })
    }
    const connected = new Promise((resolve, reject) => {
      client.once('connect', resolve)
      client.once('error', reject)
    })
    client.connect()
    await connected
    await client.publishAsync('new', 'x', { qos: 1 })
    await client.endAsync()
  })
})

describe('an authentication that goes on', () => {
  const MEANWHILE: readonly (readonly [title: string, packet: Packet])[] = [
    ['[MQTT-3.1.2-30] another packet meanwhile', { cmd: 'pingreq' }],
    [
      '[MQTT-3.1.2-30] a message meanwhile',
      { cmd: 'publish', topic: 'new', payload: '', qos: 0, dup: false, retain: false },
    ],
    [
      '[MQTT-3.1.2-30] a subscription meanwhile',
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'new', qos: 0 }] },
    ],
    ['[MQTT-3.1.2-30] another CONNECT meanwhile', connectPacket(5)],
    [
      '[MQTT-4.12.0-5] another method',
      { cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'OTHER' } },
    ],
    [
      '[MQTT-4.12.0-3] a beginning where a step is due',
      { cmd: 'auth', reasonCode: 0x19, properties: METHOD },
    ],
  ]
  for (const [title, packet] of MEANWHILE) {
    test(`${title} is a protocol error`, async () => {
      const client = await challenged()
      client.send(packet)
      assert.equal((await client.expect('connack')).reasonCode, 0x82)
      assert.deepEqual(await client.end(), [])
    })
  }

  test('may be given up by the client', async () => {
    const client = await challenged()
    client.send({ cmd: 'disconnect', reasonCode: 0 })
    assert.deepEqual(await client.end(), [])
  })

  test('ends after sixteen questions, whatever the plugin says', async () => {
    const client = await RawClient.open(port)
    const forever = { authenticationMethod: 'FOREVER' }
    client.send(connectPacket(5, { properties: forever }))
    for (let step = 1; step < 16; step += 1) {
      await client.expect('auth')
      client.send({ cmd: 'auth', reasonCode: 0x18, properties: forever })
    }
    assert.equal((await client.expect('connack')).reasonCode, 0x87)
  })

  test('has the time of a CONNECT for all its steps', async () => {
    const client = await challenged(hurried.port)
    assert.equal((await client.expect('connack')).reasonCode, 0x87)
    assert.deepEqual(await client.end(), [])
  })

  test('brings no more data than a step may have', async () => {
    const client = await challenged()
    client.send({ cmd: 'auth', reasonCode: 0x18, properties: data('x'.repeat(16 * 1024 + 1)) })
    assert.equal((await client.expect('connack')).reasonCode, 0x95)
  })
})

describe('[MQTT 5.0, 4.12.1] a client that authenticates again', () => {
  test('goes on as it was meanwhile, and as it is found to be then', async () => {
    const client = await admitted()
    client.send({ cmd: 'auth', reasonCode: 0x19, properties: data('again') })
    assert.equal((await client.expect('auth')).reasonCode, 0x18)
    assert.equal(await codeOfPublish(client, 'new'), 0)
    client.send({ cmd: 'auth', reasonCode: 0x18, properties: data('solved') })
    const { reasonCode, properties } = await client.expect('auth')
    assert.equal(reasonCode, 0)
    assert.deepEqual({ ...properties }, data('welcome'))
    assert.equal(await codeOfPublish(client, 'new'), 0x87)
    assert.equal(await codeOfPublish(client, 'renewed by ann'), 0)
  })

  test('[MQTT-4.12.1-2] is disconnected when it fails', async () => {
    const client = await admitted()
    client.send({ cmd: 'auth', reasonCode: 0x19, properties: data('again') })
    await client.expect('auth')
    client.send({ cmd: 'auth', reasonCode: 0x18, properties: data('guessed') })
    const { reasonCode, properties } = await client.expect('disconnect')
    assert.deepEqual([reasonCode, properties?.reasonString], [0x87, 'wrong'])
  })

  test('is told 0x87 where DISCONNECT cannot carry the plugin’s code', async () => {
    const client = await admitted()
    client.send({ cmd: 'auth', reasonCode: 0x19, properties: data('no') })
    assert.equal(await client.disconnected(), 0x87)
  })

  test('is disconnected when it turns out to be somebody else', async () => {
    const client = await admitted()
    client.send({ cmd: 'auth', reasonCode: 0x19, properties: data('again') })
    await client.expect('auth')
    client.send({ cmd: 'auth', reasonCode: 0x18, properties: data('other') })
    assert.equal(await client.disconnected(), 0x87)
  })

  for (const [title, reasonCode, method] of [
    ['[MQTT-4.12.1-1] by another method', 0x19, 'OTHER'],
    ['in the midst of nothing', 0x18, 'CHALLENGE'],
  ] as const) {
    test(`${title} breaks the protocol`, async () => {
      const client = await admitted()
      client.send({ cmd: 'auth', reasonCode, properties: { authenticationMethod: method } })
      assert.equal(await client.disconnected(), 0x82)
    })
  }

  test('[MQTT-4.12.0-7] cannot, where its CONNECT named no method', async () => {
    const client = await RawClient.connect(port, 5, { username: 'plain' })
    client.send({ cmd: 'auth', reasonCode: 0x19, properties: METHOD })
    assert.equal(await client.disconnected(), 0x82)
  })
})
