import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES } from '../../../sandbox/index.ts'
import { type AskedWill, WillQuestion } from '../../../src/hooks/will-question.ts'
import type { WillAnswer } from '../../../src/hooks/will-verdict.ts'
import { FakePlugin, hooksOf, type Reply } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { testClient } from '../../support/sessions.ts'

class Asking extends WillQuestion {
  answer: WillAnswer | null = null

  protected override decided(answer: WillAnswer): void {
    assert.equal(this.answer, null, 'decided once')
    this.answer = answer
  }
}

const FIRE: AskedWill = {
  when: 'fire',
  message: received({ topic: 'gone', payload: 'x', qos: 1 }),
  delaySec: 3,
  mayDefer: true,
}

function ask(plugins: readonly FakePlugin[], will: Partial<AskedWill> = {}): Asking {
  const asking = new Asking(hooksOf(plugins), testClient('ann'), { ...FIRE, ...will })
  asking.ask()
  return asking
}

function answerTo(reply: Reply, will: Partial<AskedWill> = {}): WillAnswer | null {
  const plugin = new FakePlugin('warden', ['authorizeWill'])
  plugin.reply = reply
  return ask([plugin], will).answer
}

test('it tells when, and the will; the payload only who may see payloads', () => {
  const plain = new FakePlugin('plain', ['authorizeWill'])
  const curious = new FakePlugin('curious', ['authorizeWill'], { payload: true })
  const asking = ask([plain, curious])
  const will = { topic: 'gone', qos: 1, retain: false, delaySec: 3 }
  assert.deepEqual(plain.question(0).event, { when: 'fire', will })
  assert.deepEqual(curious.question(0).event, { when: 'fire', will: { ...will, payload64: 'eA==' } })
  plain.question(0).answer({ verdict: 'allow' })
  assert.equal(asking.answer, null, 'all are waited for')
  curious.question(0).answer({ verdict: 'suppress' })
  assert.deepEqual(asking.answer, { verdict: 'suppress' })
  assert.deepEqual(
    asking.voices.map(({ plugin, verdict }) => [plugin, verdict.verdict]),
    [
      ['plain', 'allow'],
      ['curious', 'suppress'],
    ],
  )
})

test('where nobody has a say it is allowed; whoever has no opinion leaves it at that', () => {
  assert.equal(ask([]).answer?.verdict, 'allow')
  assert.equal(answerTo({ verdict: 'abstain' })?.verdict, 'abstain')
})

test('who fails is answered for by onFault: nothing opens by a failure', () => {
  for (const outcome of OUTCOMES) {
    if (outcome !== 'ok') assert.equal(answerTo(outcome)?.verdict, 'deny', outcome)
  }
  assert.deepEqual(answerTo('timeout'), { verdict: 'deny', code: 0x87 })
  assert.deepEqual(answerTo('overload'), { verdict: 'deny', code: 0x89 })
})

test('a deferral counts once: where it may not be, it is an allow, so that others are heard', () => {
  assert.deepEqual(answerTo({ verdict: 'defer', delaySec: 5 }), { verdict: 'defer', delaySec: 5 })
  assert.equal(answerTo({ verdict: 'defer', delaySec: 5 }, { mayDefer: false })?.verdict, 'allow')
  const late = new FakePlugin('late', ['authorizeWill'])
  late.reply = { verdict: 'defer', delaySec: 5 }
  const editor = new FakePlugin('editor', ['authorizeWill'])
  editor.reply = { verdict: 'set', will: { topic: 'redacted' } }
  assert.equal(ask([late, editor], { mayDefer: false }).answer?.verdict, 'set')
})

test('a will that is only being left cannot be put off: such an answer is none', () => {
  const answer = answerTo({ verdict: 'defer', delaySec: 5 }, { when: 'connect', mayDefer: false })
  assert.equal(answer?.verdict, 'deny')
})
