import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerWriter } from '../../../sandbox/guest/answer.ts'
import { allow, deny } from '../../../sandbox/sdk/index.ts'
import { HOOKS } from '../../../sandbox/sdk/hooks.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

const PUBLISH = HOOKS.indexOf('authorizePublish')
const TRANSFORM = HOOKS.indexOf('transformMessage')

test('bytes cross as base64 in an object of their own, text beside them stays text', () => {
  const writer = new AnswerWriter(ISOLATE_LIMITS)
  const patch = { topic: 'a', payload: new Uint8Array([1, 2, 255]) }
  const written = writer.write({ op: 'patch', patch }, TRANSFORM)
  assert.deepEqual(JSON.parse(written), {
    op: 'patch',
    patch: { topic: 'a', payload: { bytes64: 'AQL/' } },
  })
})

test('what only poses as bytes is plain data', () => {
  const writer = new AnswerWriter(ISOLATE_LIMITS)
  const posing = { [Symbol.toStringTag]: 'Uint8Array', length: 1, 0: 7 }
  const written = writer.write({ op: 'patch', patch: { payload: posing } }, TRANSFORM)
  assert.deepEqual(JSON.parse(written), { op: 'patch', patch: { payload: { 0: 7, length: 1 } } })
})

test('what has nothing but its verdict crosses as one digit, however it is written', () => {
  const writer = new AnswerWriter(ISOLATE_LIMITS)
  for (const value of [true, allow(), { verdict: 'allow' }, allow()])
    assert.equal(writer.write(value, PUBLISH), '1')
  for (const value of [null, { verdict: 'abstain' }]) assert.equal(writer.write(value, PUBLISH), '2')
  for (const value of [false, deny(), { verdict: 'deny' }, deny()])
    assert.equal(writer.write(value, PUBLISH), '3')
})

test('a frozen verdict is known again by identity, one that can change is read each time', () => {
  const writer = new AnswerWriter(ISOLATE_LIMITS)
  const changing: { verdict: string } = { verdict: 'allow' }
  assert.equal(writer.write(changing, PUBLISH), '1')
  changing.verdict = 'deny'
  assert.equal(writer.write(changing, PUBLISH), '3')
  const frozen = Object.freeze({ verdict: 'allow' })
  writer.write(frozen, PUBLISH)
  assert.equal(writer.allow, frozen)
})

test('a frozen getter is not taken for a constant', () => {
  const writer = new AnswerWriter(ISOLATE_LIMITS)
  let reads = 0
  const flip = Object.freeze({
    get verdict() {
      reads += 1
      return reads % 2 === 1 ? 'deny' : 'allow'
    },
  })
  assert.equal(writer.write(flip, PUBLISH), '3')
  assert.equal(writer.write(flip, PUBLISH), '1')
})

test('a frozen getter is not taken for a constant by what its description inherits', (t) => {
  const planted = Object.prototype as { value?: unknown }
  planted.value = 'allow'
  t.after(() => delete planted.value)
  const writer = new AnswerWriter(ISOLATE_LIMITS)
  const posing = Object.freeze({
    get verdict() {
      return 'deny'
    },
  })
  assert.equal(writer.write(posing, PUBLISH), '3')
  assert.notEqual(writer.allow, posing)
})

test('undefined says what was forgotten', () => {
  const written = new AnswerWriter(ISOLATE_LIMITS).write(undefined, PUBLISH)
  assert.match(written, /^"bad-verdict:.*forgot return\? use abstain\(\)/)
})

test('what is no object, no boolean and not null is a bad verdict', () => {
  const writer = new AnswerWriter(ISOLATE_LIMITS)
  for (const value of [1, 'allow', Symbol('x'), () => true, [true], { toJSON: () => 1 }]) {
    assert.match(writer.write(value, PUBLISH), /^"bad-verdict:/)
  }
})

test('a verdict above its bound is a bad verdict', () => {
  const writer = new AnswerWriter(ISOLATE_LIMITS)
  const fits = { verdict: 'deny', note: 'x'.repeat(100) }
  assert.equal(writer.write(fits, PUBLISH), JSON.stringify(fits))
  assert.match(writer.write({ verdict: 'deny', note: 'x'.repeat(17_000) }, PUBLISH), /^"bad-verdict:.*16 KiB/)
})
