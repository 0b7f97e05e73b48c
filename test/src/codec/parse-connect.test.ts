import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConnectPacket, Refusal } from '../../../src/codec/packets.ts'
import { parseConnect } from '../../../src/codec/parse-connect.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import {
  bytes,
  messageProperties,
  packetId,
  qos,
  seconds,
  text,
  topicName,
  userProperties,
  version,
} from './arbitrary.ts'
import { foreignBytes, frameOf, hex, ordered } from './framed.ts'

function parse(frame: Buffer): ConnectPacket | Refusal {
  const { buffer, firstByte, start, body, end } = frameOf(frame)
  return parseConnect(buffer, firstByte, start, body, end)
}

function accepted(frame: Buffer): ConnectPacket {
  const packet = parse(frame)
  if ('refused' in packet) assert.fail(packet.detail)
  return packet
}

function refused(frame: Buffer): Refusal {
  const packet = parse(frame)
  assert.ok('refused' in packet)
  return packet
}

const will = fc.record({
  topic: topicName,
  payload: bytes,
  qos,
  retain: fc.boolean(),
  properties: messageProperties,
  timing: fc.record(
    { willDelayInterval: seconds, messageExpiryInterval: seconds },
    { requiredKeys: [], noNullPrototype: true },
  ),
  userProperties,
})
const properties = fc.record(
  {
    sessionExpiryInterval: seconds,
    receiveMaximum: packetId,
    maximumPacketSize: fc.integer({ min: 1, max: 0xffff_ffff }),
    topicAliasMaximum: fc.integer({ min: 0, max: 65_535 }),
    requestResponseInformation: fc.boolean(),
    requestProblemInformation: fc.boolean(),
  },
  { requiredKeys: [], noNullPrototype: true },
)
/** Names have no control characters. */
const name = text.map((any) => any.replaceAll(/\p{Cc}/gu, ''))
const credentials = fc.oneof(
  fc.constant({}),
  fc.record({ username: name }),
  fc.record({ username: name, password: bytes }),
)
const authentication = fc.oneof(
  fc.constant({}),
  fc.record(
    { authenticationMethod: text, authenticationData: bytes },
    { requiredKeys: ['authenticationMethod'] },
  ),
)

const connect = fc.record({
  version,
  clean: fc.boolean(),
  clientId: fc.string({ minLength: 1, maxLength: 23 }),
  keepalive: fc.integer({ min: 0, max: 65_535 }),
  will: fc.option(will, { nil: undefined }),
  properties,
  authentication,
  userProperties,
  credentials,
})

type Connect = typeof connect extends fc.Arbitrary<infer T> ? T : never

function foreign(given: Connect): Buffer {
  const { version, clean, clientId, keepalive, will } = given
  return foreignBytes(
    {
      cmd: 'connect',
      protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
      protocolVersion: version,
      clean,
      clientId,
      keepalive,
      ...given.credentials,
      properties: { ...given.properties, ...given.authentication, ...ordered(given.userProperties) },
      ...(will !== undefined && {
        will: {
          ...will,
          properties: { ...will.properties, ...will.timing, ...ordered(will.userProperties) },
        },
      }),
    },
    version,
  )
}

test('any valid CONNECT is read as the foreign library wrote it', () => {
  fc.assert(
    fc.property(connect, (given) => {
      const five = given.version === 5
      const packet = accepted(foreign(given))
      assert.equal(packet.version, given.version)
      assert.equal(packet.cleanStart, given.clean)
      assert.equal(packet.clientId, given.clientId)
      assert.equal(packet.keepAliveSec, given.keepalive)
      const credentials = { username: packet.username, password: packet.password }
      assert.deepEqual(credentials, { username: undefined, password: undefined, ...given.credentials })
      const said = five ? given.properties : {}
      assert.equal(packet.sessionExpirySec, five ? (said.sessionExpiryInterval ?? 0) : undefined)
      assert.equal(packet.receiveMaximum, said.receiveMaximum ?? 65_535)
      assert.equal(packet.maximumPacketSize, said.maximumPacketSize ?? 0)
      assert.equal(packet.topicAliasMaximum, said.topicAliasMaximum ?? 0)
      assert.equal(packet.requestResponseInformation, said.requestResponseInformation ?? false)
      assert.equal(packet.requestProblemInformation, said.requestProblemInformation)
      const { authenticationMethod, authenticationData } = packet
      const authentication = { authenticationMethod, authenticationData }
      const none = { authenticationMethod: undefined, authenticationData: undefined }
      assert.deepEqual(authentication, { ...none, ...(five ? given.authentication : {}) })
      assert.deepEqual(packet.userProperties, five ? given.userProperties : [])
    }),
    { numRuns: 300 },
  )
})

test('any valid will is read as the foreign library wrote it', () => {
  fc.assert(
    fc.property(connect, will, (given, expected) => {
      const five = given.version === 5
      const { will } = accepted(foreign({ ...given, will: expected }))
      assert.ok(will !== undefined)
      assert.deepEqual([will.topic, will.payload], [expected.topic, expected.payload])
      assert.deepEqual([will.qos, will.retain], [expected.qos, expected.retain])
      assert.equal(will.delaySec, five ? (expected.timing.willDelayInterval ?? 0) : 0)
      assert.equal(will.expirySec, five ? expected.timing.messageExpiryInterval : undefined)
      const said = five ? expected.properties : {}
      assert.equal(will.properties?.contentType, said.contentType)
      assert.equal(will.properties?.responseTopic, said.responseTopic)
      assert.deepEqual(will.properties?.correlationData, said.correlationData)
      assert.deepEqual(will.properties?.userProperties ?? [], five ? expected.userProperties : [])
      const indicator = said.payloadFormatIndicator
      assert.equal(will.properties?.payloadFormat, indicator === undefined ? undefined : Number(indicator))
    }),
    { numRuns: 300 },
  )
})

test('a CONNECT that is cut short anywhere is refused', () => {
  fc.assert(
    fc.property(connect, fc.nat(), (given, nat) => {
      const { buffer, firstByte, start, body, end } = frameOf(foreign(given))
      const cut = body + (nat % (end - body))
      assert.ok('refused' in parseConnect(buffer, firstByte, start, body, cut))
    }),
  )
})

test('a password may come without a user name in MQTT 5.0, and not before [MQTT-3.1.2-22]', () => {
  assert.equal(accepted(hex("10 11 0004'MQTT' 05 42 0000 00 0001'c' 0001'p'")).password?.toString(), 'p')
  assert.equal(
    refused(hex("10 10 0004'MQTT' 04 42 0000 0001'c' 0001'p'")).refused,
    ReasonCode.malformedPacket,
  )
})

test('an empty client identifier asks for one, where the server may assign it [MQTT-3.1.3-6]', () => {
  assert.equal(accepted(hex("10 0d 0004'MQTT' 05 00 0000 00 0000")).clientId, '')
  assert.equal(accepted(hex("10 0c 0004'MQTT' 04 02 0000 0000")).clientId, '')
  const { clientIdentifierNotValid } = ReasonCode
  assert.equal(refused(hex("10 0c 0004'MQTT' 04 00 0000 0000")).refused, clientIdentifierNotValid)
  assert.equal(refused(hex("10 0e 0006'MQIsdp' 03 02 0000 0000")).refused, clientIdentifierNotValid)
})

for (const [what, written, answer] of [
  ['level 6 of MQTT is told so in MQTT 5.0', "10 0c 0004'MQTT' 06 02 0000 0000", 5],
  ['level 3 of MQTT is told so in MQTT 3.1.1', "10 0c 0004'MQTT' 03 02 0000 0000", 4],
  ['a bridge of MQTT 3.1.1 is told so in MQTT 3.1.1', "10 0c 0004'MQTT' 84 02 0000 0000", 4],
  ['level 4 of MQIsdp is told so in MQTT 3.1', "10 0e 0006'MQIsdp' 04 02 0000 0000", 3],
  [
    'a protocol of another name is told nothing [MQTT-3.1.2-1]',
    "10 0c 0004'AMQP' 04 02 0000 0000",
    undefined,
  ],
] as const) {
  test(`${what}: unsupported protocol version`, () => {
    const refusal = refused(hex(written))
    assert.equal(refusal.refused, ReasonCode.unsupportedProtocolVersion)
    assert.equal(refusal.version, answer)
    assert.equal(refusal.protocolVersion, hex(written)[written.includes('MQIsdp') ? 10 : 8])
  })
}

test('a refusal says in which version to answer', () => {
  assert.equal(refused(hex("10 0d 0004'MQTT' 05 01 0000 00 0000")).version, 5)
  assert.equal(refused(hex("10 0c 0004'MQTT' 04 01 0000 0000")).version, 4)
})
