import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Mistake } from '../../../sandbox/host/fields.ts'
import { bytesField, patchField } from '../../../sandbox/host/message-fields.ts'

const patch = patchField(4)

test('text and bytes both become bytes; what is too large or malformed is refused', () => {
  const bytes = bytesField(4)
  assert.deepEqual(bytes('aé'), Buffer.from('aé'))
  assert.deepEqual(bytes({ bytes64: 'AQL/' }), Buffer.from([1, 2, 255]))
  for (const wrong of ['12345', '\ud800', { bytes64: 'AQIDBAU=' }, { bytes64: '!' }, { 0: 1 }, 7, null]) {
    assert.ok(bytes(wrong) instanceof Mistake, JSON.stringify(wrong))
  }
})

test('a patch is built anew of what a message may have, and of nothing else', () => {
  const given = {
    topic: 'a/b',
    payload: 'ab',
    qos: 1,
    retain: false,
    properties: { contentType: 'text/plain', userProperties: [['k', 'v']] },
  }
  assert.deepEqual(patch(given), { ...given, payload: Buffer.from('ab') })
  assert.ok(patch({ packetId: 7 }) instanceof Mistake)
  assert.ok(patch({ properties: { topicAlias: 1 } }) instanceof Mistake)
})

test('no patch leads to a wildcard, a reserved topic or nowhere', () => {
  for (const topic of ['a/#', '+', '$SYS/x', '$share/g/a', '', 'a/../b', 'a\u0000']) {
    assert.ok(patch({ topic }) instanceof Mistake, topic)
  }
})

test('a message in place of another needs a topic', () => {
  const replacement = patchField(4, ['topic'])
  assert.ok(replacement({ payload: 'a' }) instanceof Mistake)
  assert.deepEqual(replacement({ topic: 'a' }), { topic: 'a' })
})
