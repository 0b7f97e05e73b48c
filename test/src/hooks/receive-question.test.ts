import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CheckedVerdict } from '../../../sandbox/index.ts'
import { payloadOf } from '../../../src/codec/message.ts'
import { ReceiveQuestion } from '../../../src/hooks/receive-question.ts'
import { type Advance, Standing } from '../../../src/hooks/standing.ts'
import type { TenantHooks } from '../../../src/hooks/tenant-hooks.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { testClient } from '../../support/sessions.ts'

const subjects = ['ann', 'bob', 'cy'].map((name, ref) => ({
  ref,
  json: `{"clientId":"${name}"}`,
  source: '',
  release: () => undefined,
}))
const targets = ['ann', 'bob', 'cy'].map((name, place) => ({
  client: testClient(name, { subject: subjects[place] ?? null }),
  filter: `${name}/#`,
}))

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

test('authorizeReceive is asked once a message for the whole batch, with its cause', () => {
  const sharp = new FakePlugin('sharp', ['authorizeReceive'])
  ask(hooksOf([sharp]))
  assert.equal(sharp.asked.length, 1)
  assert.equal(sharp.question(0).subject, null)
  assert.deepEqual(sharp.question(0).event, {
    message: { topic: 't', qos: 1, retain: false },
    cause: 'live',
    targets: targets.map(({ client, filter }) => ({ client: JSON.parse(client.json) as unknown, filter })),
  })
})

test('the payload crosses only with the capability', () => {
  const blind = new FakePlugin('blind', ['authorizeReceive'])
  const sighted = new FakePlugin('sighted', ['authorizeReceive'], { payload: true })
  ask(hooksOf([blind, sighted]))
  const payload64 = Buffer.from('secret').toString('base64')
  assert.ok(!blind.question(0).text.includes(payload64))
  const { message } = sighted.question(0).event as { message: Record<string, unknown> }
  assert.equal(message['payload64'], payload64)
})

test('topicFiltering is asked once a recipient, about that recipient', () => {
  const general = new FakePlugin('general', ['topicFiltering'])
  const question = ask(hooksOf([general]))
  assert.deepEqual(
    general.asked.map(({ subject }) => subject),
    subjects,
  )
  assert.deepEqual(general.question(0).event, { topic: 't', action: 'receive', qos: 1 })
  general.question(1).answer({ verdict: 'allow' })
  general.question(0).answer({ verdict: 'deny' })
  assert.deepEqual(question.decisions, [])
  general.question(2).answer({ verdict: 'abstain' })
  assert.deepEqual(question.decisions, [[false, true, false]])
})

for (const [said, except, allowed] of [
  ['allow', [1], [true, false, true]],
  ['deny', [1], [false, true, false]],
  ['abstain', [1], [false, true, false]],
  ['allow', [], [true, true, true]],
  ['deny', [0, 2, 2], [true, false, true]],
] as const) {
  test(`${said} except [${except.join(', ')}]: those get the opposite`, () => {
    const sharp = new FakePlugin('sharp', ['authorizeReceive'])
    const question = ask(hooksOf([sharp]))
    sharp.question(0).answer({ verdict: 'recipients', default: said, except })
    assert.deepEqual(question.decisions, [allowed])
  })
}

test('an exception that names nobody in the batch makes the whole answer a bad verdict', () => {
  const sharp = new FakePlugin('sharp', ['authorizeReceive'])
  const strict = ask(hooksOf([sharp]))
  sharp.question(0).answer({ verdict: 'recipients', default: 'allow', except: [3] })
  assert.deepEqual(strict.decisions, [[false, false, false]])
  const lenient = ask(hooksOf([sharp], { onFault: { sharp: { authorizeReceive: 'allow' } } }))
  sharp.question(1).answer({ verdict: 'recipients', default: 'deny', except: [0, 3] })
  assert.deepEqual(lenient.decisions, [[true, true, true]])
})

test('one verdict stands for all recipients; a disconnect counts as a refusal', () => {
  for (const [verdict, allowed] of [
    ['allow', true],
    ['deny', false],
    ['abstain', false],
    ['disconnect', false],
  ] as const) {
    const sharp = new FakePlugin('sharp', ['authorizeReceive'])
    const question = ask(hooksOf([sharp]))
    sharp.question(0).answer({ verdict })
    assert.deepEqual(question.decisions, [[allowed, allowed, allowed]])
  }
})

test('for each recipient: deny > allow > abstain, whatever the order of plugins and answers', () => {
  const word = fc.constantFrom('allow' as const, 'deny' as const, 'abstain' as const)
  const answer = fc.record({ said: word, except: fc.uniqueArray(fc.nat({ max: 2 })) })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 4 }), fc.boolean(), (answers, backwards) => {
      const plugins = answers.map((_, place) => new FakePlugin(`p${place}`, ['authorizeReceive']))
      const question = ask(hooksOf(plugins))
      const order = [...answers.keys()]
      for (const place of backwards ? order.toReversed() : order) {
        const { said, except } = answers[place] as (typeof answers)[number]
        plugins[place]?.question(0).answer({ verdict: 'recipients', default: said, except })
      }
      const expected = targets.map((_, target) => {
        const opinions = answers.map(({ said, except }) => {
          if (!except.includes(target)) return said
          return said === 'allow' ? 'deny' : 'allow'
        })
        return opinions.includes('allow') && !opinions.includes('deny')
      })
      assert.deepEqual(question.decisions, [expected])
    }),
  )
})

test('an overload within the question refuses, after all plugins were asked', () => {
  const full = new FakePlugin('full', ['authorizeReceive'])
  const other = new FakePlugin('other', ['authorizeReceive'])
  full.reply = 'overload'
  const question = ask(hooksOf([full, other]))
  assert.deepEqual(question.decisions, [])
  other.question(0).answer({ verdict: 'allow' })
  assert.deepEqual(question.decisions, [[false, false, false]])
})

test('who published answers for what it makes plugins do, not who receives it', () => {
  const subject = { ref: 9, json: '{}', source: 'client eve', release: () => undefined }
  const publisher = testClient('eve', { subject })
  for (const hook of ['authorizeReceive', 'topicFiltering'] as const) {
    const plugin = new FakePlugin('p', [hook])
    const message = received({ topic: 't' })
    message.publisher = publisher
    new TestQuestion(hooksOf([plugin]), message, targets).ask('live')
    for (const asked of plugin.asked) assert.equal(asked.origin?.source, 'client eve')
  }
})

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

test('a group that names nobody in the batch makes the whole answer a bad verdict', () => {
  const sharp = new FakePlugin('sharp', ['authorizeReceive'])
  const question = ask(hooksOf([sharp]))
  sharp.question(0).answer(changing({ targets: [0, 3], patch: { topic: 'u' } }))
  assert.deepEqual([sharp.asked.length, question.decisions], [1, [[false, false, false]]])
})

/** What was said in advance of everything. */
class Foreseen extends Standing {
  override readonly isEmpty = false
  readonly #says: Verdict | null

  constructor(says: Verdict | null) {
    super()
    this.#says = says
  }

  override answerOf(): Advance | null {
    return this.#says === null ? null : { verdict: this.#says, source: 'grant' }
  }
}

test('who is answered in advance is not asked about, the others still in one question', () => {
  const sharp = new FakePlugin('sharp', ['authorizeReceive'])
  const standings = [new Foreseen({ verdict: 'deny' }), new Standing(), new Foreseen(null)]
  const some = targets.map(({ filter, client }, place) => ({
    filter,
    client: { ...client, standing: standings[place] ?? client.standing },
  }))
  const question = new TestQuestion(hooksOf([sharp]), received({ topic: 't' }), some)
  question.ask('live')
  assert.equal(sharp.asked.length, 1)
  assert.equal((sharp.question(0).event['targets'] as unknown[]).length, 2)
  sharp.question(0).answer({ verdict: 'recipients', default: 'allow', except: [1] })
  assert.deepEqual(question.decisions, [[false, true, false]])
})

test('where all are answered in advance nobody is asked', () => {
  const sharp = new FakePlugin('sharp', ['authorizeReceive'])
  const standing = new Foreseen({ verdict: 'allow' })
  const all = targets.map(({ filter, client }) => ({ filter, client: { ...client, standing } }))
  const question = new TestQuestion(hooksOf([sharp]), received({ topic: 't' }), all)
  question.ask('live')
  assert.deepEqual([sharp.asked.length, question.decisions], [0, [[true, true, true]]])
})
