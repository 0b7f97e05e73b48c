import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageInquiry } from '../../../src/hooks/inquiry.ts'
import { received } from '../../support/messages.ts'

test('of a message, its topic and flags are what answers in advance can tell apart', () => {
  const message = received({ topic: 'a/b', payload: 'x', qos: 1, retain: true })
  assert.deepEqual(messageInquiry('publish', message), {
    action: 'publish',
    topic: 'a/b',
    qos: 1,
    retain: true,
    share: '',
  })
  assert.equal(messageInquiry('receive', message).action, 'receive')
})
