import assert from 'node:assert/strict'
import { test } from 'node:test'
import { payloadOf, propertiesOf } from '../../../src/codec/message.ts'
import { isSameMessage, lowerMessage, patchMessage } from '../../../src/codec/patch-message.ts'
import { received } from '../../support/messages.ts'

const NOW = 1_000_000

test('what is named is replaced, and all else stays: who sent it, by way of whom, and its bytes', () => {
  const message = received({ topic: 'a/b', payload: 'hello', qos: 1, properties: { contentType: 'text' } })
  message.origin = {}
  message.hops = 2
  message.plugin = 'gate'
  const patched = patchMessage(message, { topic: 'c', qos: 2 }, NOW)
  assert.deepEqual([patched.topic, patched.qos, patched.retain], ['c', 2, false])
  assert.equal(String(patched.topicBuffer.subarray(patched.topicStart, patched.topicEnd)), 'c')
  assert.equal(String(payloadOf(patched)), 'hello')
  assert.deepEqual(propertiesOf(patched), { contentType: 'text' })
  assert.deepEqual([patched.origin, patched.hops, patched.plugin], [message.origin, 2, 'gate'])
  assert.deepEqual([message.topic, message.qos], ['a/b', 1], 'the original is as it was')
})

test('no subscriber gets the frame that it came in', () => {
  const message = received({ topic: 'a' })
  assert.equal(message.frameVersion, 5)
  assert.equal(patchMessage(message, { payload: Buffer.from('new') }, NOW).frameVersion, 0)
})

test('properties that are named replace their like, the others stay', () => {
  const properties = {
    contentType: 'text',
    correlationData: Buffer.of(1),
    userProperties: { k: ['v', 'w'] },
  }
  const message = received({ topic: 'a', properties })
  const patch = { properties: { correlationData64: 'Ag==', responseTopic: 'r' } } as const
  assert.deepEqual(propertiesOf(patchMessage(message, patch, NOW)), {
    contentType: 'text',
    correlationData: Buffer.of(2),
    responseTopic: 'r',
    userProperties: [
      ['k', 'v'],
      ['k', 'w'],
    ],
  })
  const cleared = patchMessage(message, { properties: { userProperties: [] } }, NOW)
  assert.equal(propertiesOf(cleared)?.userProperties, undefined)
})

test('its expiry stays, or counts anew from now', () => {
  const message = received({ topic: 'a', properties: { messageExpiryInterval: 5 } }, 5, NOW)
  assert.equal(patchMessage(message, { topic: 'b' }, NOW + 1).expiresAt, NOW + 5000)
  const patched = patchMessage(message, { properties: { messageExpirySec: 9 } }, NOW + 1)
  assert.equal(patched.expiresAt, NOW + 9001)
})

test('a payload that is no text is not called text any more', () => {
  const text = received({ topic: 'a', properties: { payloadFormatIndicator: true, contentType: 't' } })
  const binary = patchMessage(text, { payload: Buffer.of(0xff) }, NOW)
  assert.deepEqual(propertiesOf(binary), { contentType: 't' })
  const other = patchMessage(text, { payload: Buffer.from('ü') }, NOW)
  assert.equal(propertiesOf(other)?.payloadFormat, 1)
  const claimed = patchMessage(binary, { properties: { payloadFormat: 1 } }, NOW)
  assert.equal(propertiesOf(claimed)?.payloadFormat, undefined)
})

test('lowering lowers, and never raises', () => {
  const message = received({ topic: 'a', qos: 1, retain: true })
  lowerMessage(message, 2, true)
  lowerMessage(message, undefined, true)
  assert.deepEqual([message.qos, message.retain], [1, true])
  lowerMessage(message, 0, false)
  assert.deepEqual([message.qos, message.retain], [0, false])
})

test('messages are the same where nobody who decides could tell them apart', () => {
  const message = received({ topic: 'a', qos: 1, properties: { contentType: 't' } })
  const same = (patch: Parameters<typeof patchMessage>[1], withPayload = true): boolean =>
    isSameMessage(patchMessage(message, patch, NOW), message, withPayload)
  assert.ok(same({ topic: 'a', qos: 1, retain: false, payload: Buffer.from('hi') }))
  assert.ok(same({ properties: { messageExpirySec: 1 } }))
  assert.ok(same({ payload: Buffer.from('ho') }, false))
  assert.ok(!same({ payload: Buffer.from('ho') }))
  for (const patch of [
    { topic: 'b' },
    { qos: 0 },
    { retain: true },
    { properties: { contentType: 'u' } },
  ] as const)
    assert.ok(!same(patch, false))
})

const original = received({
  topic: 'a/b',
  payload: 'hi',
  qos: 1,
  properties: { contentType: 'text/plain', userProperties: { k: 'v' }, messageExpiryInterval: 60 },
})

test('what is not named stays, its bytes shared', () => {
  const patched = patchMessage(original, { topic: 'c' }, 0)
  assert.deepEqual(
    [patched.topic, String(patched.topicBuffer.subarray(patched.topicStart, patched.topicEnd))],
    ['c', 'c'],
  )
  assert.equal(patched.payloadBuffer, original.payloadBuffer)
  assert.deepEqual(propertiesOf(patched), propertiesOf(original))
  assert.deepEqual([patched.qos, patched.retain, patched.expiresAt], [1, false, original.expiresAt])
  assert.equal(patched.frameVersion, 0, 'it is no frame of a publisher’s any more')
})

test('what is named is replaced; properties one by one', () => {
  const patched = patchMessage(
    original,
    {
      payload: Buffer.from('new'),
      qos: 0,
      retain: true,
      properties: { contentType: 'x', messageExpirySec: 5 },
    },
    1000,
  )
  assert.equal(String(payloadOf(patched)), 'new')
  assert.deepEqual([patched.qos, patched.retain, patched.expiresAt], [0, true, 6000])
  assert.deepEqual(propertiesOf(patched), { contentType: 'x', userProperties: [['k', 'v']] })
  assert.equal(String(payloadOf(original)), 'hi')
})
