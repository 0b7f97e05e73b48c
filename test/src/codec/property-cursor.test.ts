import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Carrier, Property } from '../../../src/codec/property.ts'
import { PropertyCursor } from '../../../src/codec/property-cursor.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import { hex } from './framed.ts'

function walk(written: string, carrier: number = Carrier.CONNECT): PropertyCursor {
  const cursor = new PropertyCursor()
  const bytes = hex(written)
  if (cursor.open(bytes, 0, bytes.length, carrier)) while (cursor.next());
  return cursor
}

test('properties are walked in their order, with their values in place', () => {
  const cursor = new PropertyCursor()
  const bytes = hex("0e 11 0000003c 26 0001 'n' 0003 'val' ff")
  assert.ok(cursor.open(bytes, 0, bytes.length, Carrier.CONNECT))
  assert.equal(cursor.end, bytes.length - 1)
  assert.ok(cursor.next())
  assert.equal(cursor.property, Property.sessionExpiryInterval)
  assert.equal(cursor.number, 60)
  assert.ok(cursor.next())
  assert.deepEqual([cursor.name(), cursor.text()], ['n', 'val'])
  assert.equal(cursor.next(), false)
  assert.equal(cursor.refusal, 0)
})

test('an integer of four bytes keeps its highest bit', () => {
  assert.equal(walk('05 11 ffffffff').number, 0xffff_ffff)
})

test('a cursor that refused walks the next packet afresh', () => {
  const cursor = walk('01 00')
  assert.equal(cursor.refusal, ReasonCode.malformedPacket)
  const bytes = hex('03 21 0005')
  assert.ok(cursor.open(bytes, 0, bytes.length, Carrier.CONNECT))
  assert.ok(cursor.next())
  assert.equal(cursor.refusal, 0)
})

for (const [what, written, reason] of [
  ['an unknown property', '02 7f 00', 'malformedPacket'],
  ['a property identifier of two bytes', '03 8001 00', 'malformedPacket'],
  ['a property of another packet', '03 23 0001', 'protocolError'],
  ['a property of another packet that is cut short', '02 23 00', 'malformedPacket'],
  ['a property that comes twice', '06 21 0001 21 0001', 'protocolError'],
  ['a flag that is neither 0 nor 1', '02 17 02', 'protocolError'],
  ['an integer that is cut short', '03 11 0000', 'malformedPacket'],
  ['a length field that is cut short', '02 16 00', 'malformedPacket'],
  ['bytes that are cut short', "04 16 0002 'a'", 'malformedPacket'],
  ['a pair without its value', "04 26 0001 'a'", 'malformedPacket'],
  ['text that is ill-formed [MQTT-1.5.7-1]', '04 15 0001 80', 'malformedPacket'],
  ['a name that is ill-formed [MQTT-1.5.7-1]', '06 26 0001 80 0000', 'malformedPacket'],
  ['a property length past the packet', '04 21 0001', 'malformedPacket'],
  ['a property length that is not in its shortest form', '8300 21 0001', 'malformedPacket'],
] as const) {
  test(`${what} is refused as ${reason}`, () => {
    assert.equal(walk(written).refusal, ReasonCode[reason])
  })
}

test('a property of another packet is malformed in SUBSCRIBE and UNSUBSCRIBE, as in the suites of peers', () => {
  assert.equal(walk('03 23 0001', Carrier.SUBSCRIBE).refusal, ReasonCode.malformedPacket)
  assert.equal(walk('03 23 0001', Carrier.UNSUBSCRIBE).refusal, ReasonCode.malformedPacket)
})

test('a subscription identifier is judged as a variable byte integer', () => {
  assert.equal(walk('03 0b ff01', Carrier.SUBSCRIBE).number, 255)
  assert.equal(walk('03 0b ff00', Carrier.SUBSCRIBE).refusal, ReasonCode.malformedPacket)
})

test('[MQTT-3.3.4-4] identifiers of several subscriptions stand in one PUBLISH, and in no SUBSCRIBE', () => {
  assert.equal(walk('04 0b 01 0b 02', Carrier.PUBLISH).refusal, 0)
  assert.equal(walk('04 0b 01 0b 02', Carrier.SUBSCRIBE).refusal, ReasonCode.protocolError)
  assert.equal(walk('06 23 0001 23 0001', Carrier.PUBLISH).refusal, ReasonCode.protocolError)
})
