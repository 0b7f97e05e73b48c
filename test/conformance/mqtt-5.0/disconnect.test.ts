import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { connectPacket, RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'

const { port } = await startBroker({ anonymous: true })
const closing = await startBroker({ anonymous: true })
const DISCONNECT = 0xe0

/** A client with a will on `topic`, and somebody who hears it. */
async function withWill(topic: string): Promise<{ client: RawClient; heard: RawClient }> {
  const heard = await RawClient.connect(port)
  await heard.subscribe({ topic, qos: 0 })
  const will = { topic, payload: Buffer.from('gone'), qos: 0, retain: false } as const
  return { client: await RawClient.connect(port, 5, { will }), heard }
}

test('[MQTT-3.12.4-1] each PINGREQ is answered with one PINGRESP', async () => {
  const client = await RawClient.connect(port)
  for (let count = 0; count < 5; count += 1) client.send({ cmd: 'pingreq' })
  for (let count = 0; count < 5; count += 1) await client.expect('pingresp')
  client.send({ cmd: 'disconnect' })
  assert.deepEqual(await client.end(), [])
})

describe('[MQTT-3.14.0-1] before a CONNACK of success there is no DISCONNECT', () => {
  for (const [what, bytes, answer] of [
    ['another packet first', 'c000', []],
    ['a reserved packet type first', '0000', []],
    ['a DISCONNECT first', 'e000', []],
    ['a malformed CONNECT', "10 0e 0004'MQTT' 05 03 003c 00 0001'c'", [0x81]],
    ['a protocol version that there is not', "10 0e 0004'MQTT' 06 02 003c 00 0001'c'", [0x84]],
    ['an authentication method', "10 12 0004'MQTT' 05 02 003c 04 15 0001'x' 0001'c'", [0x8c]],
  ] as const) {
    test(`after ${what}`, async () => {
      const client = await RawClient.open(port)
      client.write(hex(bytes))
      const packets = await client.end()
      assert.deepEqual(
        packets.map((packet) => (packet.cmd === 'connack' ? packet.reasonCode : packet.cmd)),
        answer,
      )
    })
  }
})

describe('a client’s DISCONNECT', () => {
  test('[MQTT-3.14.1-1] with flags is malformed, and the client is told with 0x82', async () => {
    for (let flags = 1; flags < 16; flags += 1) {
      const client = await RawClient.connect(port)
      client.write(Buffer.from([DISCONNECT | flags, 0]))
      assert.equal(await client.disconnected(), 0x82, `flags ${flags}`)
    }
  })

  test('[MQTT-3.14.2-1] has one of its own reason codes; with another it is over as well', async () => {
    const allowed = new Set([
      0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
    ])
    const others = [0x01, 0x02, 0x03, 0x05, 0x10, 0x7f, 0xa3, 0xff]
    for (let code = 0x80; code <= 0xa2; code += 1) others.push(code)
    for (const code of [...allowed, ...others]) {
      const client = await RawClient.connect(port)
      client.write(Buffer.from([DISCONNECT, 1, code]))
      const told = (await client.end()).map((packet) => packet.cmd === 'disconnect' && packet.reasonCode)
      assert.deepEqual(told, [], `code ${code}`)
    }
  })

  test('[MQTT-3.14.4-3] with 0x00 removes the will; with any other code, or none, it goes out', async () => {
    for (const [written, goesOut] of [
      ['e000', false],
      ['e00100', false],
      ['e0020000', false],
      ['e00104', true],
      ['e00180', true],
      ['e0020400', true],
    ] as const) {
      const { client, heard } = await withWill(`will/${written}`)
      client.write(Buffer.from(written, 'hex'))
      assert.deepEqual(await client.end(), [])
      if (goesOut) await heard.expect('publish')
      await heard.silence()
    }
    const { client, heard } = await withWill('will/none')
    client.socket.destroy()
    await heard.expect('publish')
  })

  test('[MQTT-3.14.4-1] [MQTT-3.14.4-2] is the last: what comes behind is nothing, and it is closed', async () => {
    const { client, heard } = await withWill('behind')
    const { socket } = client
    client.send(
      { cmd: 'disconnect' },
      { cmd: 'publish', topic: 'behind', payload: 'late', qos: 1, messageId: 1, dup: false, retain: false },
      { cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'a', qos: 0 }] },
      { cmd: 'pingreq' },
      connectPacket(5),
    )
    assert.deepEqual(await client.end(), [])
    assert.ok(socket.readableEnded)
    await heard.silence()
  })
})

describe('the broker’s DISCONNECT', () => {
  test('[MQTT-3.14.4-1] [MQTT-3.14.4-2] is the last that it sends: takeover in the midst of messages', async () => {
    const clientId = 'taken over'
    const publisher = await RawClient.connect(port)
    const first = await RawClient.connect(port, 5, { clientId })
    await first.subscribe({ topic: 'flood', qos: 0 })
    const flood = (): void => {
      for (let count = 0; count < 50; count += 1) publisher.publish({ topic: 'flood', payload: 'x' })
    }
    flood()
    const second = await RawClient.open(port)
    second.send(connectPacket(5, { clientId, clean: false }))
    flood()
    first.send({ cmd: 'pingreq' })
    const packets = await first.end()
    const last = packets.at(-1)
    assert.ok(last?.cmd === 'disconnect' && last.reasonCode === 0x8e)
    assert.equal(packets.filter(({ cmd }) => cmd === 'disconnect').length, 1)
    assert.ok(first.socket.readableEnded)
  })

  test('[MQTT-3.14.2-2] says no Session Expiry Interval, whyever it comes', async () => {
    const options = { clientId: 'kept', clean: false, properties: { sessionExpiryInterval: 60 } }
    const newcomer = await RawClient.open(port)
    const breaks: readonly ((client: RawClient) => void)[] = [
      (client) => client.write(hex('c1 00')),
      (client) => client.publish({ topic: 'a/#' }),
      () => newcomer.send(connectPacket(5, options)),
    ]
    for (const offend of breaks) {
      const client = await RawClient.connect(port, 5, options)
      offend(client)
      const { properties } = await client.expect('disconnect')
      assert.equal(properties?.sessionExpiryInterval, undefined)
    }
  })

  test('[MQTT-3.14.2-1] has a code of the standard: the broker stops', async () => {
    const client = await RawClient.connect(closing.port)
    const stopped = closing.broker.stop()
    assert.equal(await client.disconnected(), 0x8b)
    await stopped
  })
})
