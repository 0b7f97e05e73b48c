import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  ABSTAIN,
  ALLOW,
  DENY,
  Fault,
  judge,
  readFault,
} from '../../../../sandbox/host/questions/check-verdict.ts'
import { ASKERS } from '../../../../sandbox/sdk/hooks.ts'

function faultOf(raw: unknown): string {
  const judged = judge('authorizePublish', raw)
  return judged instanceof Fault ? `${judged.outcome}: ${judged.detail}` : assert.fail('it was accepted')
}

test('the three plain answers are constants', () => {
  assert.deepEqual(
    [1, 2, 3].map((raw) => judge('authenticate', raw)),
    [ALLOW, ABSTAIN, DENY],
  )
  assert.equal(judge('authorizePublish', 1), ALLOW)
})

test('a verdict is built anew from its checked fields', () => {
  const raw = { verdict: 'deny', code: 0x87, reason: 'not your topic', ack: 'error' }
  const judged = judge('authorizePublish', raw)
  assert.deepEqual(judged, raw)
  assert.notEqual(judged, raw)
})

test('a detail names the hook and the field', () => {
  assert.match(
    faultOf({ verdict: 'allow', superuser: true }),
    /^bad-verdict: authorizePublish\."superuser": is unknown/,
  )
  assert.match(
    faultOf({ verdict: 'deny', reason: 'a\r\nb' }),
    /authorizePublish\.reason: must be .*control characters/,
  )
  assert.match(faultOf({}), /authorizePublish\.verdict: must be allow, deny, abstain or disconnect/)
})

test('a teller that came to its end is no answer to a question', () => {
  assert.match(faultOf(0), /^bad-verdict/)
})

test('faults carry the guest’s word, and no other word', () => {
  assert.deepEqual(readFault('threw:no (plugin:main:1:2)'), new Fault('threw', 'no (plugin:main:1:2)'))
  assert.equal(readFault('ok:yes').outcome, 'bad-verdict')
  assert.equal(readFault('').outcome, 'bad-verdict')
})

test('no JSON whatsoever makes judging throw, and what passes has a word of its own', () => {
  const words = ['allow', 'deny', 'abstain', 'disconnect', 'filters', 'recipients']
  fc.assert(
    fc.property(fc.constantFrom(...ASKERS), fc.jsonValue(), (hook, raw) => {
      const judged = judge(hook, raw)
      assert.ok(judged instanceof Fault || words.includes(judged.verdict))
    }),
  )
})
