import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'

const { port } = await startBroker({
  anonymous: true,
  mqtt: { maximumQos: 1, retainAvailable: false, maximumPacketSize: 1024, receiveMaximum: 2 },
})
const heard = await RawClient.connect(port)
await heard.subscribe({ topic: '#', qos: 0 })

/** What a client that is connected may not send, and the reason code that the standard has for it. */
const OFFENCES: readonly (readonly [what: string, bytes: string, code: number])[] = [
  ['a packet type that is reserved', '00 00', 0x82],
  ['a second CONNECT', "10 0e 0004'MQTT' 05 02 003c 00 0001'c'", 0x82],
  ['a CONNACK', '20 03 00 00 00', 0x82],
  ['a SUBACK', '90 04 0001 00 00', 0x82],
  ['an UNSUBACK', 'b0 04 0001 00 00', 0x82],
  ['a PINGRESP', 'd0 00', 0x82],
  ['a remaining length that is longer than it need be', 'c0 80 00', 0x81],
  ['a packet above the maximum packet size', '30 ff ff 03', 0x95],
  ['QoS 3', "36 06 0001't' 0001 00", 0x81],
  ['a QoS above the maximum', "34 06 0001't' 0001 00", 0x9b],
  ['a retained message where there are none', "31 04 0001't' 00", 0x9a],
  ['a packet identifier of 0', "32 06 0001't' 0000 00", 0x82],
  ['no packet identifier', "32 03 0001't'", 0x81],
  ['a topic alias of 0', "30 07 0001't' 03 23 0000", 0x94],
  ['an unknown topic alias', '30 06 0000 03 23 0001', 0x82],
  ['a topic alias above the maximum', "30 07 0001't' 03 23 ffff", 0x94],
  ['a topic name with a wildcard', "30 04 0001'#' 00", 0x81],
  ['a topic name that is no UTF-8', '30 04 0001 ff 00', 0x81],
  ['a property that there is not', "30 06 0001't' 02 7f 00", 0x81],
  ['a property of another packet', "30 09 0001't' 05 11 00000001", 0x82],
  ['a property twice', "30 08 0001't' 04 01 01 01 01", 0x82],
  ['a value that a property does not have', "30 06 0001't' 02 01 02", 0x82],
  ['properties that end behind the packet', "30 05 0001't' 7f 01", 0x81],
  ['an acknowledgement cut short', '40 01 00', 0x81],
  ['an acknowledgement that is too long', '40 05 0001 00 00 00', 0x81],
  ['a reason code that the packet does not have', '40 03 0001 01', 0x82],
  ['a PUBREL without its flag', '60 02 0001', 0x82],
  ['a SUBSCRIBE without filters', '82 03 0001 00', 0x81],
  ['a subscription identifier of 0', "82 09 0001 02 0b 00 0001't' 00", 0x82],
  ['No Local on a shared subscription', "82 11 0001 00 000b'$share/g/ab' 04", 0x82],
  ['an UNSUBSCRIBE without filters', 'a2 03 0001 00', 0x81],
  ['a DISCONNECT with flags', 'e1 00', 0x82],
  ['a session expiry interval that CONNECT had not', 'e0 07 00 05 11 0000003c', 0x82],
  ['an AUTH without a method', 'f0 02 18 00', 0x82],
  ['an AUTH with flags', 'f1 02 18 00', 0x82],
]

describe('[MQTT-4.13.1-1] a packet that breaks the standard is answered with its code, and closed upon', () => {
  for (const [what, bytes, code] of OFFENCES) {
    test(what, async () => {
      const client = await RawClient.connect(port)
      client.write(Buffer.concat([hex(bytes), hex("30 08 0004'late' 00 'x'")]))
      const told = (await client.end()).map((packet) => packet.cmd === 'disconnect' && packet.reasonCode)
      assert.deepEqual(told, [code])
      assert.ok(client.socket.readableEnded)
      await heard.silence()
    })
  }
})

describe('[MQTT-4.13.1-1] what has no length that is one, or has said goodbye, is closed upon in silence', () => {
  for (const [what, bytes] of [
    ['a remaining length of five bytes', 'c0 80 80 80 80 01'],
    ['a PINGREQ with a body', 'c0 01 00'],
    ['a PINGRESP with a body', 'd0 01 00'],
    ['a DISCONNECT with a code of the server', 'e0 01 87'],
    ['a DISCONNECT with a server reference', "e0 06 00 04 1c 0001'x'"],
  ] as const) {
    test(what, async () => {
      const client = await RawClient.connect(port)
      client.write(hex(bytes))
      assert.deepEqual(await client.end(), [])
    })
  }
})

describe('[MQTT-4.13.2-1] a code of 0x80 or more is the end of the connection', () => {
  test('whichever side says it: the client, in DISCONNECT', async () => {
    for (const code of [0x80, 0x82, 0x98]) {
      const client = await RawClient.connect(port)
      client.write(Buffer.concat([Buffer.from([0xe0, 1, code]), hex("30 08 0004'late' 00 'x'")]))
      assert.deepEqual(await client.end(), [])
      await heard.silence()
    }
  })

  for (const [what, bytes, code] of [
    ['a malformed packet', "10 0e 0004'MQTT' 05 03 003c 00 0001'c'", 0x81],
    ['a protocol error', "10 12 0004'MQTT' 05 02 003c 04 17 01 17 01 0001'c'", 0x82],
    ['a version that there is not', "10 0e 0004'MQTT' 09 02 003c 00 0001'c'", 0x84],
    ['a method that nobody knows', "10 12 0004'MQTT' 05 02 003c 04 15 0001'x' 0001'c'", 0x8c],
    ['a will above the maximum QoS', "10 15 0004'MQTT' 05 16 003c 00 0001'c' 00 0001't' 0001'x'", 0x9b],
    ['a will that is to be retained', "10 15 0004'MQTT' 05 26 003c 00 0001'c' 00 0001't' 0001'x'", 0x9a],
    ['a packet above the maximum size', '10 ff ff 03', 0x95],
  ] as const) {
    test(`the broker, in CONNACK: ${what}`, async () => {
      const client = await RawClient.open(port)
      client.write(Buffer.concat([hex(bytes), hex("30 08 0004'late' 00 'x'")]))
      const told = (await client.end()).map((packet) => packet.cmd === 'connack' && packet.reasonCode)
      // what is too large is not read, so that nobody knows whom there is to answer
      assert.deepEqual(told, code === 0x95 ? [] : [code])
      assert.ok(client.socket.readableEnded)
      await heard.silence()
    })
  }

  test('whoever does not close its side is closed upon', async () => {
    const client = await RawClient.connect(port)
    client.write(hex('c1 00'))
    assert.equal((await client.expect('disconnect')).reasonCode, 0x81)
    // half open, and never done: that nobody is there any more is seen by who still writes
    const { promise, resolve } = Promise.withResolvers<void>()
    const writing = setInterval(() => client.write(hex('c0 00')), 50)
    client.socket.once('close', () => {
      clearInterval(writing)
      resolve()
    })
    await promise
  })
})
