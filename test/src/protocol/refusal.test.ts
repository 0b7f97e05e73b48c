import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusalOf } from '../../../src/protocol/refusal.ts'

test('a refusal without a code is 0x80', () => {
  assert.equal(refusalOf({ verdict: 'deny' }).code, 0x80)
  assert.equal(refusalOf({ verdict: 'disconnect', code: 0x98 }).code, 0x98)
})

test('the log gets the note, which the client never sees; without one, what the client is told', () => {
  const both = refusalOf({ verdict: 'deny', reason: 'no', note: 'balance is 0' })
  assert.deepEqual([both.reason, both.detail], ['no', 'balance is 0'])
  assert.equal(refusalOf({ verdict: 'deny', reason: 'no' }).detail, 'no')
  assert.equal(refusalOf({ verdict: 'disconnect' }).detail, 'not authorised')
})

test('what is no refusal refuses without words', () => {
  const { code, reason } = refusalOf({ verdict: 'abstain', note: 'no opinion' })
  assert.deepEqual([code, reason], [0x80, undefined])
})
