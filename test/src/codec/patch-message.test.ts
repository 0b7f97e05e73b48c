import assert from 'node:assert/strict'
import { test } from 'node:test'
import { payloadOf, propertiesOf } from '../../../src/codec/message.ts'
import { patchMessage } from '../../../src/codec/patch-message.ts'
import { received } from '../../support/messages.ts'

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
