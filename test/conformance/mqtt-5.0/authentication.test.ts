import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { type PacketOf, RawClient, connectPacket } from '../../support/raw-client.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { hex } from '../../src/codec/framed.ts'

/** Two riddles, then admission; whoever says `no`, at whichever step, is refused. */
const RIDDLER = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const read = (bytes) => (bytes === undefined ? '' : String.fromCharCode(...bytes))
export default definePlugin({
  authenticate: (event) => {
    if (event.authMethod === undefined) return allow()
    if (event.authMethod !== 'RIDDLE') return null
    const said = read(event.authData)
    if (said === 'no') return deny({ code: 0x86, reason: 'no' })
    if (said === 'alien') return deny({ code: 0x9c })
    if (event.step < 2) return { verdict: 'continue', data: 'riddle ' + event.step }
    return allow({ authData: 'welcome' })
  },
})
`
const folder = tempFolder({ 'riddler/plugin.ts': RIDDLER })
const { port } = await startBroker({ plugins: { [path.join(folder, 'riddler')]: null } })
const METHOD = { authenticationMethod: 'RIDDLE' }
const AGAIN = 0x19

function data(text: string): { authenticationMethod: string; authenticationData: Buffer } {
  return { ...METHOD, authenticationData: Buffer.from(text) }
}

function auth(text: string, reasonCode = 0x18): PacketOf<'auth'> {
  return { cmd: 'auth', reasonCode, properties: data(text) }
}

/** A client that has been asked so many riddles. */
async function asked(riddles: number): Promise<RawClient> {
  const client = await RawClient.open(port)
  client.send(connectPacket(5, { properties: data('hello') }))
  await riddle(client, 0)
  for (let step = 1; step < riddles; step += 1) {
    client.send(auth('solved'))
    await riddle(client, step)
  }
  return client
}

/** [MQTT-4.12.0-2], [MQTT-4.12.0-5] */
async function riddle(client: RawClient, step: number): Promise<void> {
  const { reasonCode, properties } = await client.expect('auth')
  assert.equal(reasonCode, 0x18)
  assert.deepEqual({ ...properties }, data(`riddle ${step}`))
}

async function admitted(): Promise<RawClient> {
  const client = await asked(2)
  client.send(auth('solved'))
  const { reasonCode, properties } = await client.expect('connack')
  assert.equal(reasonCode, 0)
  assert.equal(properties?.authenticationMethod, 'RIDDLE')
  return client
}

/** The CONNACK that refuses, and the close behind it. */
async function refused(client: RawClient): Promise<number | undefined> {
  const [connack, ...more] = await client.end()
  assert.deepEqual(more, [])
  assert.ok(connack?.cmd === 'connack')
  return connack.reasonCode
}

/** A client at each stage: in the midst of its first authentication, or of another one. */
const STAGES = [
  ['before CONNACK', () => asked(1), 'connack'],
  [
    'of another authentication',
    async () => {
      const client = await admitted()
      client.send(auth('again', AGAIN))
      await riddle(client, 0)
      return client
    },
    'disconnect',
  ],
] as const

test('[MQTT-4.12.0-2] [MQTT-4.12.0-5] each step is an AUTH 0x18 of the method, up to the CONNACK of it', async () => {
  const client = await admitted()
  await client.silence()
})

test('[MQTT-4.12.0-1] a method that nobody supports is refused and closed upon', async () => {
  for (const authenticationMethod of ['OTHER', 'riddle', '']) {
    const client = await RawClient.open(port)
    client.send(connectPacket(5, { properties: { authenticationMethod } }))
    assert.equal(await refused(client), 0x8c)
  }
})

describe('[MQTT-4.12.0-3] the client answers with 0x18, and with nothing else', () => {
  for (const [stage, reach, answer] of STAGES) {
    for (const [what, bytes, code] of [
      ['0x19', "f0 0b 19 09 15 0006'RIDDLE'", 0x82],
      ['0x00', "f0 0b 00 09 15 0006'RIDDLE'", 0x82],
      ['no code at all', 'f0 00', 0x82],
    ] as const) {
      test(`${what}, in the midst ${stage}`, async () => {
        const client = await reach()
        client.write(hex(bytes))
        const [packet, ...more] = await client.end()
        assert.deepEqual(more, [])
        assert.ok(packet?.cmd === answer && 'reasonCode' in packet)
        assert.equal(packet.reasonCode, code)
      })
    }
  }
})

test('[MQTT-4.12.0-4] it is refused at whichever step, with a code of CONNACK, and closed upon', async () => {
  const first = await RawClient.open(port)
  first.send(connectPacket(5, { properties: data('no') }))
  assert.equal(await refused(first), 0x86)
  for (const riddles of [1, 2]) {
    const client = await asked(riddles)
    client.send(auth('no'))
    assert.equal(await refused(client), 0x86)
  }
})

describe('[MQTT-4.12.0-5] every AUTH has the method of CONNECT', () => {
  for (const [stage, reach, answer] of STAGES) {
    for (const authenticationMethod of ['OTHER', 'riddle', undefined]) {
      test(`${authenticationMethod ?? 'none'} is a protocol error in the midst ${stage}`, async () => {
        const client = await reach()
        const properties = authenticationMethod === undefined ? {} : { authenticationMethod }
        client.send({ cmd: 'auth', reasonCode: 0x18, properties })
        const [packet] = await client.end()
        assert.ok(packet?.cmd === answer && 'reasonCode' in packet)
        assert.equal(packet.reasonCode, 0x82)
      })
    }
  }
})

describe('a CONNECT without a method', () => {
  test('[MQTT-4.12.0-6] is answered without one, and without AUTH', async () => {
    const client = await RawClient.open(port)
    const { reasonCode, properties } = await client.connack()
    assert.equal(reasonCode, 0)
    assert.equal(properties?.authenticationMethod, undefined)
    assert.equal(properties?.authenticationData, undefined)
  })

  test('[MQTT-4.12.0-7] gives no leave for AUTH: it is a protocol error', async () => {
    for (const reasonCode of [0x18, AGAIN]) {
      const client = await RawClient.connect(port)
      client.send(auth('hello', reasonCode))
      assert.equal(await client.disconnected(), 0x82)
    }
  })
})

describe('an authentication that is begun anew', () => {
  test('[MQTT-4.12.0-5] ends with an AUTH 0x00 of the method; what is published meanwhile goes on', async () => {
    const client = await admitted()
    await client.subscribe({ topic: 'meanwhile', qos: 0 })
    client.send(auth('again', AGAIN))
    await riddle(client, 0)
    client.publish({ topic: 'meanwhile' })
    await client.expect('publish')
    client.send(auth('solved'))
    await riddle(client, 1)
    client.send(auth('solved'))
    const { reasonCode, properties } = await client.expect('auth')
    assert.equal(reasonCode ?? 0, 0)
    assert.deepEqual({ ...properties }, data('welcome'))
    await client.silence()
  })

  test('[MQTT-4.12.1-1] with another method, or none, is a protocol error', async () => {
    for (const properties of [{ authenticationMethod: 'OTHER' }, { authenticationMethod: 'riddle' }, {}]) {
      const client = await admitted()
      client.send({ cmd: 'auth', reasonCode: AGAIN, properties })
      assert.equal(await client.disconnected(), 0x82)
    }
  })

  test('[MQTT-4.12.1-2] is told in DISCONNECT when it fails, and closed upon', async () => {
    for (const [said, code] of [
      ['no', 0x87],
      ['alien', 0x9c],
    ] as const) {
      const client = await admitted()
      client.send(auth('again', AGAIN))
      await riddle(client, 0)
      client.send(auth(said))
      assert.equal(await client.disconnected(), code)
    }
  })
})

describe('AUTH', () => {
  test('[MQTT-3.15.1-1] with flags is malformed, and the client is told with 0x82', async () => {
    for (let flags = 1; flags < 16; flags += 1) {
      const client = await asked(1)
      client.write(hex(`f${flags.toString(16)} 0b 18 09 15 0006'RIDDLE'`))
      assert.equal(await refused(client), 0x82)
    }
  })

  test('[MQTT-3.15.2-1] has one of its reason codes, or it is a protocol error', async () => {
    for (const code of ['01', '04', '17', '1a', '80', '87', '8c', 'ff']) {
      const client = await asked(1)
      client.write(hex(`f0 0b ${code} 09 15 0006'RIDDLE'`))
      assert.equal(await refused(client), 0x82, code)
    }
  })

  test('[MQTT-3.15.2-2] [MQTT-3.15.2-3] brings neither reason string nor user property, so it fits', async () => {
    const client = await RawClient.open(port)
    const maximumPacketSize = 40
    client.send(connectPacket(5, { properties: { ...data('hello'), maximumPacketSize } }))
    for (let step = 0; step < 2; step += 1) {
      const { properties } = await client.expect('auth')
      assert.deepEqual([properties?.reasonString, properties?.userProperties], [undefined, undefined])
      client.send(auth('solved'))
    }
    await client.expect('connack')
  })
})
