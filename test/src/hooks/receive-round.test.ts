import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ReceiveRound } from '../../../src/hooks/receive-round.ts'
import { type Advance, Standing } from '../../../src/hooks/standing.ts'
import type { TenantHooks } from '../../../src/hooks/tenant-hooks.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { subjects, targets } from '../../support/recipients.ts'
import { testClient } from '../../support/sessions.ts'

class TestRound extends ReceiveRound {
  readonly decisions: (readonly boolean[])[] = []

  protected override ended(): void {
    this.decisions.push(targets.map((_, place) => this.isAllowed(place)))
  }
}

/** A question about delivering one message to all three targets, under way. */
function ask(hooks: TenantHooks): TestRound {
  const question = new TestRound(hooks, received({ topic: 't', payload: 'secret', qos: 1 }), targets)
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
    new TestRound(hooksOf([plugin]), message, targets).ask('live')
    for (const asked of plugin.asked) assert.equal(asked.origin?.source, 'client eve')
  }
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
  const question = new TestRound(hooksOf([sharp]), received({ topic: 't' }), some)
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
  const question = new TestRound(hooksOf([sharp]), received({ topic: 't' }), all)
  question.ask('live')
  assert.deepEqual([sharp.asked.length, question.decisions], [0, [[true, true, true]]])
})

test('a group that names nobody in the batch makes the whole answer a bad verdict', () => {
  const sharp = new FakePlugin('sharp', ['authorizeReceive'])
  const question = ask(hooksOf([sharp]))
  sharp.question(0).answer({
    verdict: 'recipients',
    default: 'allow',
    except: [],
    groups: [{ targets: [0, 3], patch: { topic: 'u' } }],
  })
  assert.deepEqual([sharp.asked.length, question.decisions], [1, [[false, false, false]]])
})
