import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { hex } from '../../src/codec/framed.ts'
import { put, take } from './lasting.ts'

const REASON = 'r'.repeat(40)
const VALUE = 'v'.repeat(40)
const DENIER = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const no = deny({ code: 0x87, reason: '${REASON}', userProperties: [['n', '${VALUE}']] })
export default definePlugin({ authorizePublish: (event) => event.topic === 'no' ? no : allow() })
`
const folder = tempFolder({ 'denier/plugin.ts': DENIER })
const { port } = await startBroker({ anonymous: true, plugins: { [path.join(folder, 'denier')]: null } })

const PUBACK_CODES = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]
const PUBREL_CODES = [0x00, 0x92]

for (const [name, firstByte, codes, ids] of [
  ['PUBACK', 0x40, PUBACK_CODES, '[MQTT-3.4.2-1]'],
  ['PUBREC', 0x50, PUBACK_CODES, '[MQTT-3.5.2-1]'],
  ['PUBREL', 0x62, PUBREL_CODES, '[MQTT-3.6.2-1]'],
  ['PUBCOMP', 0x70, PUBREL_CODES, '[MQTT-3.7.2-1]'],
] as const) {
  describe(name, () => {
    test(`${ids} may say each of its codes, why, and what users say of it`, async () => {
      const client = await RawClient.connect(port)
      for (const code of codes) {
        const of = (properties: string): Buffer => {
          const body = hex(`7fff ${hexByte(code)} ${properties}`)
          return Buffer.concat([Buffer.of(firstByte, body.length), body])
        }
        client.write(Buffer.concat([of(''), of('00'), of("0b 1f 0001'r' 26 0001'n' 0001'v'")]))
      }
      client.send({ cmd: 'disconnect', reasonCode: 0 })
      const answers = (await client.end()).map(({ cmd }) => cmd)
      assert.equal(answers.includes('disconnect'), false)
    })

    test(`${ids} has no other code: all of them are protocol errors`, async () => {
      const others = Array.from({ length: 256 }, (_, code) => code).filter((code) => !codes.includes(code))
      const refusals = others.map(async (code) => refusalOf(`${hexByte(firstByte)} 03 0001 ${hexByte(code)}`))
      assert.deepEqual([...new Set(await Promise.all(refusals))], [0x82])
    })
  })
}

describe('PUBREL', () => {
  for (let flags = 0; flags < 16; flags++) {
    if (flags === 2) continue
    test(`[MQTT-3.6.1-1] has the flags 0010, and is malformed with ${flags.toString(2).padStart(4, '0')}`, async () => {
      assert.equal(await refusalOf(`${hexByte(0x60 | flags)} 02 0001`), 0x82)
    })
  }

  test('[MQTT-3.6.1-1] of the broker has the flags 0010', async () => {
    const client = await RawClient.connect(port)
    const chunks: Buffer[] = []
    client.socket.on('data', (chunk: Buffer) => void chunks.push(chunk))
    client.send({ cmd: 'pubrec', messageId: 5 })
    await client.expect('pubrel')
    assert.equal(Buffer.concat(chunks)[0], 0x62)
  })
})

describe('what the broker says', () => {
  for (const [qos, cmd, codes, reason, pairs] of [
    [1, 'puback', '[MQTT-3.4.2-1]', '[MQTT-3.4.2-2]', '[MQTT-3.4.2-3]'],
    [2, 'pubrec', '[MQTT-3.5.2-1]', '[MQTT-3.5.2-2]', '[MQTT-3.5.2-3]'],
  ] as const) {
    test(`${codes} by ${cmd.toUpperCase()} is one of its codes: taken, refused by a plugin, the broker's own topic`, async () => {
      const client = await RawClient.connect(port)
      for (const [topic, expected] of [
        ['yes', [0, 0x10]],
        ['no', [0x87]],
        ['$SYS/broker/version', [0x87]],
      ] as const) {
        client.publish({ topic, qos, messageId: 1 })
        const { reasonCode = 0 } = await client.expect(cmd)
        assert.ok(
          expected.some((code) => code === reasonCode),
          `${topic}: ${reasonCode}`,
        )
        assert.ok(PUBACK_CODES.includes(reasonCode))
        if (qos === 2 && reasonCode < 0x80) client.send({ cmd: 'pubrel', messageId: 1 })
        if (qos === 2 && reasonCode < 0x80) await client.expect('pubcomp')
      }
    })

    for (const [maximumPacketSize, hasReason, hasPairs] of [
      [undefined, true, true],
      [101, true, true],
      [91, true, false],
      [60, true, false],
      [30, false, false],
      [20, false, false],
    ] as const) {
      const most = maximumPacketSize ?? 'any number of'
      test(`${reason} ${pairs} by ${cmd.toUpperCase()} fits a client that takes ${most} bytes`, async () => {
        const properties = maximumPacketSize === undefined ? {} : { maximumPacketSize }
        const client = await RawClient.open(port)
        client.send({ ...CONNECT, clientId: 'short', properties })
        await client.expect('connack')
        client.publish({ topic: 'no', qos, messageId: 1 })
        const ack = await client.expect(cmd)
        assert.equal(ack.reasonCode, 0x87)
        assert.equal(ack.properties?.reasonString, hasReason ? REASON : undefined)
        assert.deepEqual({ ...ack.properties?.userProperties }, hasPairs ? { n: VALUE } : {})
        assert.ok((ack.length ?? 0) + 2 <= (maximumPacketSize ?? Number.POSITIVE_INFINITY))
      })
    }
  }
})

describe('what the broker says by PUBREL and PUBCOMP', () => {
  test('[MQTT-3.6.2-1] [MQTT-3.6.2-2] [MQTT-3.6.2-3] by PUBREL is a code, and nothing that could be too large', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'rel', qos: 2 })
    await put(await RawClient.connect(port), { topic: 'rel', qos: 2, payload: 'p' })
    const { messageId = 0 } = await client.expect('publish')
    for (const [id, code, length] of [
      [messageId, 0, 2],
      [0x7fff, 0, 2], // an unknown one is released without a word of it
    ] as const) {
      client.send({ cmd: 'pubrec', messageId: id })
      const pubrel = await client.expect('pubrel')
      assert.deepEqual([pubrel.messageId, pubrel.reasonCode ?? 0, pubrel.length], [id, code, length])
    }
  })

  test('[MQTT-3.7.2-1] [MQTT-3.7.2-2] [MQTT-3.7.2-3] by PUBCOMP is a code, and nothing that could be too large', async () => {
    const client = await RawClient.connect(port)
    client.publish({ topic: 'comp', qos: 2, messageId: 3 })
    await client.expect('pubrec')
    for (const [code, length] of [
      [0, 2],
      [0, 2], // nor is anything said of a repeated PUBREL
    ] as const) {
      client.send({ cmd: 'pubrel', messageId: 3 })
      const pubcomp = await client.expect('pubcomp')
      assert.deepEqual([pubcomp.messageId, pubcomp.reasonCode ?? 0, pubcomp.length], [3, code, length])
    }
  })
})

describe('the broker as receiver', () => {
  test('[MQTT-4.3.2-4] acknowledges each QoS 1 message by its identifier, in the order in which they came', async () => {
    const client = await RawClient.connect(port)
    const ids = [7, 3, 0xffff, 1, 3]
    for (const messageId of ids) client.publish({ topic: 'one', qos: 1, messageId })
    for (const messageId of ids) assert.equal((await client.expect('puback')).messageId, messageId)
  })

  for (const dup of [false, true]) {
    test(`[MQTT-4.3.2-5] takes what comes by an identifier after PUBACK for a new message, DUP ${dup}`, async () => {
      const topic = `one/${dup}`
      const hearer = await RawClient.connect(port)
      await hearer.subscribe({ topic, qos: 1 })
      const client = await RawClient.connect(port)
      for (const payload of ['first', 'second'])
        await put(client, { topic, qos: 1, messageId: 4, payload, dup })
      assert.equal((await take(hearer)).payload.toString(), 'first')
      assert.equal((await take(hearer)).payload.toString(), 'second')
    })
  }

  test('[MQTT-4.3.3-8] [MQTT-4.3.3-11] answers PUBLISH and PUBREL by their identifier, also many and mixed', async () => {
    const client = await RawClient.connect(port)
    const ids = [9, 2, 0xffff, 1]
    for (const messageId of ids) client.publish({ topic: 'two', qos: 2, messageId })
    for (const messageId of ids) assert.equal((await client.expect('pubrec')).messageId, messageId)
    for (const messageId of ids.toReversed()) client.send({ cmd: 'pubrel', messageId })
    for (const messageId of ids.toReversed()) {
      const pubcomp = await client.expect('pubcomp')
      assert.deepEqual([pubcomp.messageId, pubcomp.reasonCode ?? 0], [messageId, 0])
    }
  })

  test('[MQTT-4.3.3-9] takes what comes by an identifier after a PUBREC that refused for a new message', async () => {
    const hearer = await RawClient.connect(port)
    await hearer.subscribe({ topic: 'after', qos: 0 })
    const client = await RawClient.connect(port)
    client.publish({ topic: 'no', qos: 2, messageId: 4 })
    assert.equal((await client.expect('pubrec')).reasonCode, 0x87)
    client.publish({ topic: 'after', qos: 2, messageId: 4, payload: 'new' })
    assert.equal((await client.expect('pubrec')).reasonCode ?? 0, 0)
    assert.equal((await hearer.expect('publish')).payload.toString(), 'new')
  })

  test('[MQTT-4.3.3-10] [MQTT-4.3.3-12] delivers a repetition once before PUBREL, and after PUBCOMP anew', async () => {
    const hearer = await RawClient.connect(port)
    await hearer.subscribe({ topic: 'once', qos: 0 })
    const client = await RawClient.connect(port)
    for (const dup of [false, true, false, true]) {
      client.publish({ topic: 'once', qos: 2, messageId: 6, payload: 'one', dup })
      assert.equal((await client.expect('pubrec')).messageId, 6)
    }
    assert.equal((await hearer.expect('publish')).payload.toString(), 'one')
    await hearer.silence()
    client.send({ cmd: 'pubrel', messageId: 6 })
    await client.expect('pubcomp')
    await hearer.silence()
    client.publish({ topic: 'once', qos: 2, messageId: 6, payload: 'two', dup: true })
    await client.expect('pubrec')
    assert.equal((await hearer.expect('publish')).payload.toString(), 'two')
    await hearer.silence()
  })
})

const CONNECT = {
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 5,
  clean: true,
  clientId: '',
  keepalive: 0,
} as const

async function refusalOf(written: string): Promise<number | undefined> {
  const client = await RawClient.connect(port)
  client.write(hex(written))
  return client.disconnected()
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0')
}
