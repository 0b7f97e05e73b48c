import assert from 'node:assert/strict'
import { test } from 'node:test'
import { abstain, allow, deny, disconnect } from '../../../sandbox/sdk/verdicts.ts'

test('a bare verdict is its word and nothing else, made once and frozen', () => {
  for (const [make, verdict] of [
    [allow, 'allow'],
    [abstain, 'abstain'],
    [deny, 'deny'],
    [disconnect, 'disconnect'],
  ] as const) {
    assert.deepEqual(make(), { verdict })
    assert.equal(make(), make())
    assert.ok(Object.isFrozen(make()))
  }
})

test('fields stand beside the word, which they cannot change', () => {
  assert.deepEqual(allow({ maxQos: 1 }), { verdict: 'allow', maxQos: 1 })
  assert.deepEqual(abstain('why'), { verdict: 'abstain', note: 'why' })
  const forged = { reason: 'no', verdict: 'allow' }
  assert.deepEqual(deny(forged), { verdict: 'deny', reason: 'no' })
})

test('a refusal takes the standard’s name or its number', () => {
  assert.deepEqual(deny('notAuthorized'), { verdict: 'deny', code: 0x87 })
  assert.deepEqual(deny('notAuthorized', 'not yours'), { verdict: 'deny', code: 0x87, reason: 'not yours' })
  assert.deepEqual(deny({ code: 0x87 }), { verdict: 'deny', code: 0x87 })
  assert.deepEqual(disconnect('serverBusy'), { verdict: 'disconnect', code: 0x89 })
  assert.deepEqual(disconnect({ sendWill: true }), { verdict: 'disconnect', sendWill: true })
})

test('plain JavaScript that mistypes a name gets an error, not a silent 0x80', () => {
  for (const name of ['notAuthorised', 'constructor', '__proto__']) {
    assert.throws(() => deny(name as 'notAuthorized'), /no reason code is named/)
  }
})
