import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import { CONNECT_USER_PROPERTIES, USER_PROPERTIES_PER_PACKET } from '../../../src/base/limits.ts'
import { FieldReader } from '../../../src/codec/field-reader.ts'
import { Carrier } from '../../../src/codec/property.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import { hex } from './framed.ts'

function readerOf(bytes: Buffer): FieldReader {
  return new FieldReader(bytes, 0, bytes.length, 5)
}

test('fields are read one after the other, up to the end', () => {
  const reader = readerOf(hex("07 0102 0002 'ab' 0001 ff 0003 'a/b' 0001 '#'"))
  assert.deepEqual(
    [
      reader.byte('a'),
      reader.twoByteInteger('b'),
      reader.string('c'),
      reader.binary('d'),
      reader.topicName('e'),
    ],
    [7, 0x0102, 'ab', Buffer.from([0xff]), 'a/b'],
  )
  assert.ok(reader.more)
  assert.equal(reader.topicFilter(), '#')
  reader.expectEnd()
  assert.equal(reader.refusal, null)
})

test('the first fault is the one that counts, and the rest reads as empty', () => {
  const reader = readerOf(hex("0001 80 07 0001 'a'"))
  assert.equal(reader.string('first'), '')
  const refusal = reader.refusal
  assert.equal(refusal?.refused, ReasonCode.malformedPacket)
  assert.match(refusal?.detail ?? '', /^first/)
  assert.deepEqual([reader.byte('b'), reader.string('c'), reader.more], [0, '', false])
  assert.deepEqual(reader.binary('d'), Buffer.alloc(0))
  reader.refuse(ReasonCode.protocolError, 'later')
  reader.expectEnd()
  assert.equal(reader.refusal, refusal)
})

test('a field does not go on behind the end of its packet', () => {
  const bytes = hex("0003 'abc'")
  for (let end = 0; end < bytes.length; end++) {
    const reader = new FieldReader(bytes, 0, end, 5)
    assert.equal(reader.string('text'), '')
    assert.equal(reader.refusal?.refused, ReasonCode.malformedPacket)
  }
})

test('bytes behind the last field are refused', () => {
  const reader = readerOf(hex('01 02'))
  reader.byte('only')
  reader.expectEnd()
  assert.equal(reader.refusal?.refused, ReasonCode.malformedPacket)
})

test('what is read is a copy', () => {
  const bytes = hex("0002 'ab'")
  const read = readerOf(bytes).binary('data')
  bytes.fill(0)
  assert.deepEqual(read, Buffer.from('ab'))
})

test('there are no properties before MQTT 5.0, and no bytes for them', () => {
  const bytes = hex('07')
  const reader = new FieldReader(bytes, 0, bytes.length, 4)
  assert.deepEqual(
    reader.properties(Carrier.CONNECT, () => assert.fail('there is no property')),
    [],
  )
  assert.equal(reader.byte('next'), 7)
})

/** A reader of nothing but so many user properties. */
function pairs(count: number): FieldReader {
  const content = Buffer.concat(Array.from({ length: count }, () => hex('26 0000 0000')))
  const length: number[] = []
  for (let rest = content.length; rest > 0; rest >>= 7) length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
  return readerOf(Buffer.concat([Buffer.from(length), content]))
}

for (const [what, carrier, count] of [
  ['a packet', Carrier.AUTH, USER_PROPERTIES_PER_PACKET],
  ['a CONNECT', Carrier.CONNECT, CONNECT_USER_PROPERTIES],
] as const) {
  test(`${what} may have ${count} user properties, and not more`, () => {
    const most = pairs(count)
    assert.equal(most.properties(carrier, () => {}).length, count)
    assert.equal(most.refusal, null)
    const more = pairs(count + 1)
    more.properties(carrier, () => {})
    assert.equal(more.refusal?.refused, ReasonCode.quotaExceeded)
  })
}
