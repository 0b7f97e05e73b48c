import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES } from '../../../sandbox/index.ts'
import { TRANSFORM_BYTES, TRANSFORM_BYTES_PER_TENANT, TRANSFORM_OUTPUTS } from '../../../src/base/limits.ts'
import { type Message, payloadOf } from '../../../src/codec/message.ts'
import { type Ceiling, TransformQuestion } from '../../../src/hooks/transform-question.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { DecidingPlugin } from '../../support/deciding-plugin.ts'
import { type Asked, FakePlugin, hooksOf, type Reply } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { testClient } from '../../support/sessions.ts'

const FREE: Ceiling = { maxQos: 2, mayRetain: true }

class Asking extends TransformQuestion {
  outputs: readonly Message[] | null = null
  refusal: Verdict | null = null
  readonly drops: string[] = []

  get topics(): readonly string[] | undefined {
    return this.outputs?.map(({ topic }) => topic)
  }

  protected override transformed(outputs: readonly Message[]): void {
    this.outputs = outputs
  }

  protected override refused(refusal: Verdict): void {
    this.refusal = refusal
  }

  protected override dropped(message: Message): void {
    this.drops.push(message.topic)
  }
}

function ask(plugins: readonly FakePlugin[], message = received({ topic: 'a' }), ceiling = FREE): Asking {
  const asking = new Asking(hooksOf(plugins), testClient('ann'), message, ceiling)
  asking.ask()
  return asking
}

/** A transformer by a rule of topics; it leaves alone what the rule does not name. */
function transformer(name: string, rule: Readonly<Record<string, Reply>>): DecidingPlugin {
  const decide = (asked: Asked): Reply =>
    rule[String(asked.event['topic'])] ?? { verdict: 'transform', op: 'pass' }
  return new DecidingPlugin(name, ['transformMessage'], decide)
}

const patch = (topic: string): Reply => ({ verdict: 'transform', op: 'patch', patch: { topic } })
const replace = (...topics: readonly string[]): Reply => ({
  verdict: 'transform',
  op: 'replace',
  with: topics.map((topic) => ({ topic })),
})
const drop = (ack?: 'silent'): Reply => ({ verdict: 'transform', op: 'drop', ...(ack && { ack }) })

test('plugins are asked in the declared order, and each sees what the one before has left', () => {
  const first = transformer('first', { a: patch('b') })
  const second = transformer('second', { b: patch('c') })
  assert.deepEqual(ask([first, second]).topics, ['c'])
  assert.deepEqual(ask([second, first]).topics, ['b'])
})

test('pass, allow and abstain leave the very message', () => {
  const message = received({ topic: 'a' })
  for (const reply of [
    { verdict: 'transform', op: 'pass' },
    { verdict: 'allow' },
    { verdict: 'abstain' },
  ] as const) {
    assert.equal(ask([transformer('one', { a: reply })], message).outputs?.[0], message)
  }
})

test('each message of a replacement goes on to the plugins that follow, and to no earlier one', () => {
  const first = transformer('first', { a: replace('b', 'c') })
  const second = transformer('second', { b: replace('d', 'a'), c: patch('e') })
  const asking = ask([first, second])
  assert.deepEqual(asking.topics, ['d', 'a', 'e'])
  assert.equal(first.asked.length, 1)
  assert.deepEqual(String(payloadOf(asking.outputs?.[0] as Message)), 'hi', 'what is not named stays')
})

test('the next one is not asked before all have answered about all messages', () => {
  const first = transformer('first', { a: replace('b', 'c') })
  const slow = new FakePlugin('slow', ['transformMessage'])
  const last = transformer('last', {})
  const asking = ask([first, slow, last])
  slow.question(1).answer(patch('second'))
  assert.equal(last.asked.length, 0)
  slow.question(0).answer(patch('first'))
  assert.deepEqual(asking.topics, ['first', 'second'], 'the order is that of the messages')
})

test('a drop refuses with 0x87, or in silence leaves nothing; it is told either way', () => {
  const loud = ask([transformer('one', { a: drop() })])
  assert.equal(loud.outputs, null)
  assert.deepEqual([loud.refusal?.verdict, (loud.refusal as { code?: number }).code], ['deny', 0x87])
  const silent = ask([transformer('one', { a: drop('silent') })])
  assert.deepEqual([silent.topics, silent.refusal], [[], null])
  assert.deepEqual([loud.drops, silent.drops], [['a'], ['a']])
  const nothing = ask([transformer('one', { a: replace() })])
  assert.deepEqual([nothing.topics, nothing.drops], [[], ['a']])
})

test('of several messages one may be dropped in silence; refused are all', () => {
  const first = transformer('first', { a: replace('b', 'c') })
  assert.deepEqual(ask([first, transformer('second', { b: drop('silent') })]).topics, ['c'])
  const refused = ask([first, transformer('second', { b: { verdict: 'deny', code: 0x99 } })])
  assert.deepEqual([refused.outputs, refused.refusal], [null, { verdict: 'deny', code: 0x99 }])
})

test('who fails is answered for by onFault: deny, or where the operator said so it passes', () => {
  for (const outcome of OUTCOMES) {
    if (outcome === 'ok') continue
    assert.equal(ask([transformer('broken', { a: outcome })]).refusal?.verdict, 'deny', outcome)
  }
  const broken = transformer('broken', { a: 'timeout' })
  for (const onFault of ['abstain', 'allow'] as const) {
    const hooks = hooksOf([broken], { onFault: { broken: { transformMessage: onFault } } })
    const asking = new Asking(hooks, testClient('ann'), received({ topic: 'a' }), FREE)
    asking.ask()
    assert.deepEqual(asking.topics, ['a'])
  }
})

test('no transform raises QoS or retain above what was offered and allowed', () => {
  const reply: Reply = { verdict: 'transform', op: 'patch', patch: { qos: 2, retain: true } }
  const asking = ask([transformer('one', { a: reply })], received({ topic: 'a' }), {
    maxQos: 1,
    mayRetain: false,
  })
  assert.deepEqual(
    asking.outputs?.map(({ qos, retain }) => [qos, retain]),
    [[1, false]],
  )
})

test('plugins cannot multiply messages without end: past the bound nothing goes out', () => {
  const eight = replace('a', 'a', 'a', 'a', 'a', 'a', 'a', 'a')
  const plugins = ['one', 'two', 'three'].map((name) => transformer(name, { a: eight }))
  const asking = ask(plugins)
  assert.deepEqual([asking.outputs, asking.refusal?.verdict], [null, 'deny'])
  assert.ok(8 * 8 > TRANSFORM_OUTPUTS)
  assert.equal(plugins[2]?.asked.length, 0)
})

test('nor can they fatten it without end', () => {
  const payload = Buffer.alloc(TRANSFORM_BYTES / 4)
  const fat: Reply = {
    verdict: 'transform',
    op: 'replace',
    with: [
      { topic: 'a', payload },
      { topic: 'a', payload },
    ],
  }
  const plugins = ['one', 'two'].map((name) => transformer(name, { a: fat }))
  assert.equal(ask(plugins.slice(0, 1)).topics?.length, 2)
  assert.equal(ask(plugins).refusal?.verdict, 'deny')
})

test('what waits of all their messages together is bounded, until it has gone out', () => {
  const payload = Buffer.alloc(TRANSFORM_BYTES)
  const fat = transformer('one', { a: { verdict: 'transform', op: 'patch', patch: { payload } } })
  const hooks = hooksOf([fat])
  const askings = Array.from({ length: TRANSFORM_BYTES_PER_TENANT / TRANSFORM_BYTES + 1 }, () => {
    const asking = new Asking(hooks, testClient('ann'), received({ topic: 'a' }), FREE)
    asking.ask()
    return asking
  })
  assert.deepEqual(
    askings.map(({ refusal }) => refusal?.verdict),
    [...askings.slice(1).map(() => undefined), 'deny'],
  )
  assert.equal(hooks.transformedBytes, TRANSFORM_BYTES_PER_TENANT)
  for (const asking of askings) for (let time = 0; time < 2; time += 1) asking.release()
  assert.equal(hooks.transformedBytes, 0)
})

test('a plugin does not transform its own message', () => {
  const own = transformer('own', { a: patch('b') })
  const message = received({ topic: 'a' })
  message.plugin = 'own'
  message.hops = 2
  const other = transformer('other', {})
  assert.deepEqual(ask([own, other], message).topics, ['a'])
  assert.deepEqual([own.asked.length, other.question(0).origin], [0, { hops: 2 }])
})

test('it tells what authorizePublish tells; the payload only who may see payloads', () => {
  const plain = new FakePlugin('plain', ['transformMessage'])
  const curious = new FakePlugin('curious', ['transformMessage'], { payload: true })
  const message = received({ topic: 'a', properties: { contentType: 't' } })
  const event = { topic: 'a', qos: 0, retain: false, properties: { contentType: 't' } }
  ask([plain], message)
  ask([curious], message)
  assert.deepEqual(plain.question(0).event, event)
  assert.deepEqual(curious.question(0).event, { ...event, payload64: 'aGk=' })
})
