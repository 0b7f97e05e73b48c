import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { generate, type IConnectPacket } from 'mqtt-packet'
import { connect } from '../../../src/protocol/connect.ts'
import { Peer } from '../../../src/protocol/peer.ts'
import { CONDUCT } from '../../../src/protocol/verbs.ts'
import { startBroker } from '../../support/broker.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { StagedConnection } from '../../support/protocol-stage.ts'
import { connectPacket, RawClient } from '../../support/raw-client.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const DOORKEEPER = `
import { allow, definePlugin, deny, disconnect } from 'bulkhead/plugin'
const ANSWERS = {
  alice: allow(),
  named: allow({
    principal: 'somebody',
    session: { assignedClientId: 'chosen', sessionExpirySec: 5, keepAliveSec: 7 },
    connack: { userProperties: [['plan', 'free']], responseInformation: 'reply/here' },
  }),
  banned: deny({ code: 0x8a, reason: 'go away', userProperties: [['appeal', 'no']] }),
  silent: deny(),
  kicked: disconnect({ code: 0x87, reason: 'out' }),
}
export default definePlugin({ authenticate: (event) => ANSWERS[event.username ?? ''] ?? null })
`
/** The user name is the code, with which word. */
const CODES = `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: (event) => {
    const [verdict, code] = event.username.split(' ')
    return { verdict, code: Number(code) }
  },
})
`
const folder = tempFolder({ 'doorkeeper/plugin.ts': DOORKEEPER, 'codes/plugin.ts': CODES })
const coded = await startBroker({ plugins: { [path.join(folder, 'codes')]: null } })
const open = await startBroker({ anonymous: true })
const closed = await startBroker({})
const narrow = await startBroker({
  anonymous: true,
  mqtt: { maximumQos: 1, retainAvailable: false, allowZeroLengthClientid: false, maxKeepalive: 60 },
})
const crowded = await startBroker({ anonymous: true, quotas: { connections: 1 } })
const guarded = await startBroker({ plugins: { [path.join(folder, 'doorkeeper')]: null } })

const will = { topic: 'w', payload: '', qos: 0, retain: false } as const

interface Refusal {
  readonly title: string
  readonly at: { readonly port: number }
  readonly version: 3 | 4 | 5
  readonly options: Partial<IConnectPacket>
  readonly code: number
}

const REFUSALS: readonly Refusal[] = [
  {
    title: '[MQTT-3.1.3-8] an empty identifier where none is assigned',
    at: narrow,
    version: 5,
    options: { clientId: '', keepalive: 30 },
    code: 0x80,
  },
  {
    title: '[MQTT-3.2.2-12] a will above the maximum QoS',
    at: narrow,
    version: 5,
    options: { keepalive: 30, will: { ...will, qos: 2 } },
    code: 0x9b,
  },
  {
    title: '[MQTT-3.2.2-13] a will to be retained, where nothing is',
    at: narrow,
    version: 5,
    options: { keepalive: 30, will: { ...will, retain: true } },
    code: 0x9a,
  },
  {
    title: '[MQTT-4.12.0-1] an authentication method',
    at: open,
    version: 5,
    options: { properties: { authenticationMethod: 'SCRAM' } },
    code: 0x8c,
  },
  {
    title: '3.1.1: a keep alive above the highest',
    at: narrow,
    version: 4,
    options: { keepalive: 61 },
    code: 2,
  },
  { title: '3.1.1: no keep alive where one is asked for', at: narrow, version: 4, options: {}, code: 2 },
  { title: 'a stranger where nobody decides', at: closed, version: 5, options: {}, code: 0x87 },
  { title: '3.1.1: a stranger where nobody decides', at: closed, version: 4, options: {}, code: 5 },
  {
    title: 'whom no plugin has an opinion on',
    at: guarded,
    version: 5,
    options: { username: 'mallory' },
    code: 0x87,
  },
  {
    title: 'whom a plugin denies without a code',
    at: guarded,
    version: 5,
    options: { username: 'silent' },
    code: 0x80,
  },
  {
    title: 'whom a plugin disconnects',
    at: guarded,
    version: 5,
    options: { username: 'kicked' },
    code: 0x87,
  },
]

describe('[MQTT-3.1.4-2] a refused client gets CONNACK with the code, and the end', () => {
  for (const { title, at, version, options, code } of REFUSALS) {
    test(title, async () => {
      const client = await RawClient.open(at.port, version)
      const connack = await client.connack(options)
      assert.equal(version === 5 ? connack.reasonCode : connack.returnCode, code)
      assert.equal(connack.sessionPresent, false) // [MQTT-3.2.2-6]
      assert.deepEqual(await client.end(), [])
    })
  }

  for (const [verdict, code, told, before] of [
    ['deny', 0x80, 0x80, 5],
    ['deny', 0x85, 0x85, 2],
    ['deny', 0x86, 0x86, 4],
    ['deny', 0x87, 0x87, 5],
    ['deny', 0x88, 0x88, 3],
    ['deny', 0x89, 0x89, 3],
    ['deny', 0x8a, 0x8a, 5],
    ['deny', 0x8c, 0x8c, 4],
    ['deny', 0x97, 0x97, 3],
    ['deny', 0x9d, 0x9d, 3],
    ['disconnect', 0x87, 0x87, 5],
    ['disconnect', 0x89, 0x89, 3],
    // DISCONNECT alone has a number for these
    ['disconnect', 0x96, 0x9f, 3],
    ['disconnect', 0x98, 0x87, 5],
    ['disconnect', 0xa0, 0x87, 5],
  ] as const) {
    const name = `0x${code.toString(16)}`
    test(`${verdict} ${name} is 0x${told.toString(16)}, and ${before} before MQTT 5`, async () => {
      for (const [version, expected] of [
        [5, told],
        [4, before],
        [3, before],
      ] as const) {
        const client = await RawClient.open(coded.port, version)
        const connack = await client.connack({ username: `${verdict} ${code}` })
        assert.equal(version === 5 ? connack.reasonCode : connack.returnCode, expected)
      }
    })
  }

  test('the plugin’s reason and user properties reach the client', async () => {
    const client = await RawClient.open(guarded.port)
    const { reasonCode, properties } = await client.connack({ username: 'banned' })
    assert.equal(reasonCode, 0x8a)
    assert.equal(properties?.reasonString, 'go away')
    assert.deepEqual({ ...properties?.userProperties }, { appeal: 'no' })
  })

  test('one connection above the quota is refused with 0x97', async () => {
    await RawClient.connect(crowded.port)
    const second = await RawClient.open(crowded.port)
    assert.equal((await second.connack()).reasonCode, 0x97)
  })

  test('[MQTT-3.1.4-6] what a refused client sent behind its CONNECT is not processed, yet it can read why', async () => {
    const client = await RawClient.open(guarded.port)
    client.send(connectPacket(5, { username: 'mallory' }))
    client.publish({ topic: 'sneaked', payload: 'in', retain: true })
    client.write(Buffer.alloc(1 << 20))
    assert.equal((await client.expect('connack')).reasonCode, 0x87)
    assert.deepEqual(await client.end(), [])
    const alice = await RawClient.connect(guarded.port, 5, { username: 'alice' })
    await alice.subscribe({ topic: 'sneaked', qos: 0 })
    await alice.silence()
  })
})

/** A CONNECT of which one byte has been changed. */
function spoilt(version: 3 | 4 | 5, offset: number, byte: number): Buffer {
  const bytes = generate(connectPacket(version), { protocolVersion: version })
  bytes[offset] = byte
  return bytes
}

const LEVEL = { MQTT: 8, MQIsdp: 10 } as const
const FLAGS = 9

// the foreign library refuses to write them
const NAMELESS_3_1 = Buffer.from('100e00064d5149736470030200000000', 'hex')
const NAMELESS_UNCLEAN = Buffer.from('100c00044d515454040000000000', 'hex')

describe('a CONNECT that is none', () => {
  for (const [title, bytes, version, code] of [
    ['[MQTT-3.1.2-2] MQTT of a level to come is answered in MQTT 5', spoilt(5, LEVEL.MQTT, 6), 5, 0x84],
    ['[MQTT-3.1.2-2] MQTT of level 3 is answered in 3.1.1', spoilt(4, LEVEL.MQTT, 3), 4, 1],
    ['[MQTT-3.1.2-2] MQTT of a lower level is answered in 5.0', spoilt(4, LEVEL.MQTT, 2), 5, 0x84],
    ['MQIsdp of another level is answered in 3.1', spoilt(3, LEVEL.MQIsdp, 4), 3, 1],
    ['MQTT 3.1 asks for a client identifier', NAMELESS_3_1, 3, 2],
    ['[MQTT-3.1.3-8] 3.1.1 asks for one where the session is to stay', NAMELESS_UNCLEAN, 4, 2],
    ['[MQTT-3.1.2-3] MQTT 5: a reserved flag is malformed', spoilt(5, FLAGS, 3), 5, 0x81],
  ] as const) {
    test(title, async () => {
      const client = await RawClient.open(open.port, version)
      client.write(bytes)
      const connack = await client.expect('connack')
      assert.equal(version === 5 ? connack.reasonCode : connack.returnCode, code)
      assert.deepEqual(await client.end(), [])
    })
  }

  for (const [title, bytes] of [
    ['[MQTT-3.1.4-1] of 3.1.1: malformed', spoilt(4, FLAGS, 3)],
    ['[MQTT-3.1.2-1] of another protocol', spoilt(5, 4, 'X'.charCodeAt(0))],
    ['[MQTT-3.1.0-1] that is another packet', generate({ cmd: 'pingreq' })],
  ] as const) {
    test(`${title}: the connection is closed without a word`, async () => {
      const client = await RawClient.open(open.port)
      client.write(bytes)
      assert.deepEqual(await client.end(), [])
    })
  }

  test('[MQTT-3.1.0-2] a second CONNECT is a protocol error', async () => {
    const v5 = await RawClient.connect(open.port)
    v5.send(connectPacket(5))
    assert.equal(await v5.disconnected(), 0x82)
    const v4 = await RawClient.connect(open.port, 4)
    v4.send(connectPacket(4))
    assert.deepEqual(await v4.end(), [])
  })
})

test('the time that plugins take is not counted against the client', async () => {
  const plugin = new FakePlugin('slow', ['authenticate'])
  const { node, tenant } = await StagedRealm.open()
  tenant.hooks = hooksOf([plugin])
  const found = { realm: tenant, username: undefined }
  const connection = new StagedConnection()
  const peer = new Peer(Object.assign(node, { resolve: () => found }), connection, 'tcp', CONDUCT)
  const buffer = generate(connectPacket(5))
  connect(peer, { buffer, firstByte: 0x10, start: 0, body: 2, end: buffer.length })
  node.nowMs = 60_000
  node.timers.turn()
  plugin.question(0).answer({ verdict: 'allow' })
  assert.equal(peer.state, 'online')
})

describe('an admitted client', () => {
  test('is answered before what it sent behind its CONNECT', async () => {
    const client = await RawClient.open(guarded.port)
    client.send(
      connectPacket(5, { username: 'alice' }),
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 0 }] },
      { cmd: 'pingreq' },
    )
    for (const cmd of ['connack', 'suback', 'pingresp'] as const) await client.expect(cmd)
  })

  test('gets what the plugin chose for it', async () => {
    const client = await RawClient.open(guarded.port)
    const { properties } = await client.connack({
      username: 'named',
      properties: { sessionExpiryInterval: 60, requestResponseInformation: true },
    })
    assert.equal(properties?.assignedClientIdentifier, 'chosen')
    assert.equal(properties?.sessionExpiryInterval, 5)
    assert.equal(properties?.serverKeepAlive, 7)
    assert.equal(properties?.responseInformation, 'reply/here')
    assert.deepEqual({ ...properties?.userProperties }, { plan: 'free' })
  })

  test('[MQTT-3.1.2-28] gets no response information, unless it has asked for it', async () => {
    for (const properties of [{}, { requestResponseInformation: false }]) {
      const client = await RawClient.open(guarded.port)
      const connack = await client.connack({ username: 'named', properties })
      assert.equal(connack.reasonCode, 0)
      assert.equal(connack.properties?.responseInformation, undefined)
    }
  })
})
