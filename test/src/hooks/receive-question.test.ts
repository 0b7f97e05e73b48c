import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckedVerdict } from '../../../sandbox/index.ts'
import { payloadOf } from '../../../src/codec/message.ts'
import { ReceiveQuestion } from '../../../src/hooks/receive-question.ts'
import type { GivenGrants, TenantHooks } from '../../../src/hooks/tenant-hooks.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { subjects, targets } from '../../support/recipients.ts'
import { testClient } from '../../support/sessions.ts'

class TestQuestion extends ReceiveQuestion {
  readonly decisions: (readonly boolean[])[] = []

  protected override decided(): void {
    this.decisions.push(targets.map((_, place) => this.isAllowed(place)))
  }
}

/** A question about delivering one message to all three targets, under way. */
function ask(hooks: TenantHooks): TestQuestion {
  const question = new TestQuestion(hooks, received({ topic: 't', payload: 'secret', qos: 1 }), targets)
  question.ask('live')
  return question
}

/** One verdict for the batch, with `groups`. */
function changing(...groups: NonNullable<Recipients['groups']>): Recipients {
  return { verdict: 'recipients', default: 'allow', except: [], groups }
}

type Recipients = Extract<CheckedVerdict, { verdict: 'recipients' }>

/** What each of the three gets, if anything: topic and payload. */
function gets(question: TestQuestion): readonly (string | null)[] {
  return targets.map((_, place) => {
    const message = question.changed(place)?.message
    if (!question.isAllowed(place)) return null
    return message === undefined ? 'as it is' : `${message.topic}: ${payloadOf(message).toString()}`
  })
}

test('a message is changed for some, and asked about again in its new form, for them alone', () => {
  const sharp = new FakePlugin('sharp', ['authorizeReceive'])
  const question = ask(hooksOf([sharp]))
  const patch = { topic: 'u', qos: 0, retain: true, payload: Buffer.from('-') } as const
  sharp.question(0).answer(changing({ targets: [0, 2], patch }))
  assert.deepEqual(question.decisions, [])
  assert.equal(sharp.asked.length, 2)
  const { message, cause, targets: asked } = sharp.question(1).event
  assert.deepEqual([message, cause], [{ topic: 'u', qos: 0, retain: true }, 'live'])
  assert.deepEqual(
    (asked as (typeof targets)[number][]).map(({ filter }) => filter),
    ['ann/#', 'cy/#'],
  )
  sharp.question(1).answer({ verdict: 'recipients', default: 'allow', except: [1] })
  assert.deepEqual(question.decisions, [[true, true, false]])
  assert.deepEqual(gets(question), ['u: -', 'as it is', null])
  assert.deepEqual(
    question.voicesOn(2).map(({ verdict }) => verdict.verdict),
    ['allow', 'deny'],
  )
  assert.equal(question.voicesOn(1).length, 1)
})

test('all who have a say are asked about the new form, by the general hook too', () => {
  const plugins = [new FakePlugin('p', ['authorizeReceive']), new FakePlugin('q', ['topicFiltering'])]
  const [p, q] = plugins as [FakePlugin, FakePlugin]
  const question = ask(hooksOf(plugins))
  p.question(0).answer(changing({ targets: [1], patch: { topic: 'secret' } }))
  for (const place of [0, 1, 2]) q.question(place).answer({ verdict: 'allow' })
  assert.equal(q.question(3).event['topic'], 'secret')
  q.question(3).answer({ verdict: 'deny' })
  p.question(1).answer({ verdict: 'allow' })
  assert.deepEqual(gets(question), ['as it is', null, 'as it is'])
})

test('two groups are two messages, each asked about once, whatever their size', () => {
  const sharp = new FakePlugin('sharp', ['authorizeReceive'])
  const question = ask(hooksOf([sharp]))
  sharp
    .question(0)
    .answer(
      changing(
        { targets: [0], patch: { topic: 'u' } },
        { targets: [1], patch: { topic: 'v' } },
        { targets: [2], patch: { topic: 'u' } },
      ),
    )
  assert.equal(sharp.asked.length, 3)
  sharp.question(2).answer({ verdict: 'allow' })
  sharp.question(1).answer({ verdict: 'allow' })
  assert.deepEqual(gets(question), ['u: secret', 'v: secret', 'u: secret'])
  assert.equal(question.changed(0)?.message, question.changed(2)?.message)
})

test('a change does not allow: who is refused is not asked about again', () => {
  const sharp = new FakePlugin('sharp', ['authorizeReceive'])
  const question = ask(hooksOf([sharp]))
  const groups = [{ targets: [0, 1], patch: { topic: 'u' } }]
  sharp.question(0).answer({ verdict: 'recipients', default: 'deny', except: [2], groups })
  assert.deepEqual([sharp.asked.length, question.decisions], [1, [[false, false, true]]])
})

test('two plugins that change a message differently contradict each other, for those targets', () => {
  const plugins = ['p', 'q'].map((name) => new FakePlugin(name, ['authorizeReceive']))
  const [p, q] = plugins as [FakePlugin, FakePlugin]
  const question = ask(hooksOf(plugins))
  p.question(0).answer(changing({ targets: [0, 1], patch: { qos: 0 } }))
  q.question(0).answer(changing({ targets: [1, 2], patch: { topic: 'u' } }))
  for (const plugin of plugins) {
    for (const asked of plugin.asked.slice(1)) asked.answer({ verdict: 'allow' })
  }
  assert.deepEqual(gets(question), ['t: secret', null, 'u: secret'])
})

test('what has been changed is not changed to something else; the same change again is none', () => {
  for (const [again, outcome] of [
    [{ topic: 'u' }, 'u: secret'],
    [{ topic: 'v' }, null],
  ] as const) {
    const sharp = new FakePlugin('sharp', ['authorizeReceive'])
    const question = ask(hooksOf([sharp]))
    sharp.question(0).answer(changing({ targets: [0], patch: { topic: 'u' } }))
    // a group of nobody says nothing
    sharp.question(1).answer(changing({ targets: [0], patch: again }, { targets: [], patch: { qos: 0 } }))
    assert.equal(sharp.asked.length, 2)
    assert.deepEqual(gets(question), [outcome, 'as it is', 'as it is'])
  }
})

test('QoS is lowered, never raised', () => {
  for (const [qos, expected] of [
    [0, 0],
    [2, 1],
  ] as const) {
    const sharp = new FakePlugin('sharp', ['authorizeReceive'])
    const question = ask(hooksOf([sharp]))
    sharp.question(0).answer(changing({ targets: [0], patch: { qos } }))
    assert.equal(question.changed(0)?.message.qos, expected)
  }
})

test('grants about receiving answer for their client; the others are asked as one batch', () => {
  const gate = new FakePlugin('gate', ['authorizeReceive'])
  const hooks = hooksOf([gate])
  const grants = [{ effect: 'deny', actions: ['receive'], filter: 't' }] as const
  const given = [{ plugin: 'gate', allow: { grants } }]
  const [first, ...rest] = targets
  assert.ok(first !== undefined)
  const standing = hooks.newStanding(given, { clientId: 'ann', username: undefined, attributes: {} })
  const granted = { ...first, client: testClient('ann', { standing }) }
  const question = new TestQuestion(hooks, received({ topic: 't' }), [granted, ...rest])
  question.ask('live')
  assert.equal((gate.question(0).event['targets'] as unknown[]).length, 2)
  gate.question(0).answer({ verdict: 'allow' })
  assert.deepEqual(question.decisions, [[false, true, true]])
  assert.deepEqual(
    question.voicesOn(0).map(({ source, verdict }) => [source, verdict.verdict]),
    [['grant', 'deny']],
  )
})

const given = (action: 'subscribe' | 'receive'): GivenGrants => ({
  plugin: 'gate',
  allow: { grants: [{ effect: 'allow', actions: [action], filter: 'other' }] },
})

test('who was granted its subscriptions gets its messages, where nobody decides on receiving', () => {
  const hooks = hooksOf([new FakePlugin('gate', ['authenticate'])])
  const values = { clientId: 'ann', username: undefined, attributes: {} }
  const clients = (['subscribe', 'receive'] as const).map((action) =>
    testClient('ann', { standing: hooks.newStanding([given(action)], values) }),
  )
  const [ann, bob, cy] = [...clients, testClient('cy')].map((client) => ({ client, filter: '#' }))
  assert.ok(ann && bob && cy)
  const question = new TestQuestion(hooks, received({ topic: 't' }), [ann, bob, cy])
  question.ask('live')
  assert.deepEqual(question.decisions, [[true, false, true]])
})

test('a verdict for a recipient is remembered of it alone', () => {
  const gate = new FakePlugin('gate', ['topicFiltering'])
  const hooks = hooksOf([gate])
  const values = { clientId: 'ann', username: undefined, attributes: {} }
  const batch = targets.map(({ filter }, place) => ({
    client: testClient(String(place), {
      subject: subjects[place] ?? null,
      standing: hooks.newStanding([], values),
    }),
    filter,
  }))
  const askAgain = (): void => new TestQuestion(hooks, received({ topic: 't' }), batch).ask('live')
  askAgain()
  gate.question(1).answer({ verdict: 'deny', cacheMs: 60_000 })
  askAgain()
  assert.deepEqual(
    gate.asked.slice(3).map(({ subject }) => subject),
    [subjects[0], subjects[2]],
  )
})
