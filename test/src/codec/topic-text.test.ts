import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { TOPIC_LEVELS } from '../../../src/base/limits.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import { topicFilterRefusal, topicNameRefusal } from '../../../src/codec/topic-text.ts'
import { topicName } from './arbitrary.ts'

function nameRefusal(bytes: Buffer): number {
  return topicNameRefusal(bytes, 0, bytes.length)
}

function filterRefusal(bytes: Buffer): number {
  return topicFilterRefusal(bytes, 0, bytes.length)
}

function filterAccepted(bytes: Buffer): boolean {
  return filterRefusal(bytes) === 0
}

test('a topic name of any characters is accepted, as a filter too', () => {
  fc.assert(
    fc.property(topicName, (name) => {
      assert.equal(nameRefusal(Buffer.from(name)), 0)
      assert.ok(filterAccepted(Buffer.from(name)))
    }),
  )
})

for (const wildcard of ['#', '+']) {
  test(`${wildcard} may stand in a filter and not in a name [MQTT-3.3.2-2]`, () => {
    assert.equal(nameRefusal(Buffer.from(`a/${wildcard}`)), ReasonCode.malformedPacket)
    assert.ok(filterAccepted(Buffer.from(`a/${wildcard}`)))
  })
}

for (const [what, character] of [
  ['U+0000', '\u0000'],
  ['a line feed', '\n'],
  ['DELETE', '\u007F'],
  ['the C1 control U+0085', '\u0085'],
] as const) {
  test(`${what} may stand in neither`, () => {
    assert.equal(nameRefusal(Buffer.from(`a${character}`)), ReasonCode.malformedPacket)
    assert.equal(filterAccepted(Buffer.from(`a${character}`)), false)
  })
}

test('the character after the C1 controls is none of them', () => {
  assert.equal(nameRefusal(Buffer.from('\u00A0')), 0)
})

function levels(count: number, level: string): Buffer {
  return Buffer.from(Array(count).fill(level).join('/'))
}

for (const [what, refusalOf] of [
  ['name', nameRefusal],
  ['filter', filterRefusal],
] as const) {
  test(`a topic ${what} has at most ${TOPIC_LEVELS} levels, not counting an empty one at the end`, () => {
    for (const level of ['', 'l', 'level']) {
      assert.equal(refusalOf(Buffer.concat([levels(TOPIC_LEVELS, level), Buffer.from('/')])), 0)
      const deeper = Buffer.concat([levels(TOPIC_LEVELS + 1, level), Buffer.from('/l')])
      assert.equal(refusalOf(deeper), ReasonCode.malformedPacket)
    }
    assert.equal(refusalOf(levels(TOPIC_LEVELS + 1, 'l')), ReasonCode.malformedPacket)
    assert.equal(refusalOf(Buffer.from('x'.repeat(TOPIC_LEVELS * 2))), 0)
  })
}

test('$share and the share name are no levels of a filter', () => {
  const filter = Array(TOPIC_LEVELS).fill('l').join('/')
  assert.equal(filterRefusal(Buffer.from(`$share/group/${filter}`)), 0)
  assert.equal(filterRefusal(Buffer.from(`$share/group/${filter}/l`)), ReasonCode.malformedPacket)
  assert.equal(filterRefusal(Buffer.from(`share/group/${filter}`)), ReasonCode.malformedPacket)
})

test('ill-formed UTF-8 may stand in neither [MQTT-1.5.4-1]', () => {
  const bytes = Buffer.from('6180', 'hex')
  assert.equal(nameRefusal(bytes), ReasonCode.malformedPacket)
  assert.equal(filterAccepted(bytes), false)
})
