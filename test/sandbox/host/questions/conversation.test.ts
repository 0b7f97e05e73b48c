import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { type Power, Refusal } from '../../../../sandbox/host/capabilities/power.ts'
import type { RawSide } from '../../../../sandbox/host/questions/answers.ts'
import { Conversation } from '../../../../sandbox/host/questions/conversation.ts'
import {
  CALL_RESULT_CHARS,
  CALLS_AT_ONCE,
  CALLS_UNDER_WAY,
  CALLS_WAITING_CHARS,
  ORDERS_PER_CROSSING,
  QUESTIONS_WAITING,
  RESUME_CHARS,
} from '../../../../sandbox/limits.ts'
import { CALL_OK, CALL_REFUSED, NOBODY_WAITS } from '../../../../sandbox/wire/messages.ts'
import { numbered } from '../../../support/question.ts'

const CALLS_EACH = 8

function side(change: Partial<RawSide>): RawSide {
  return { lines: [], dropped: 0, settled: [], calls: [], effects: [], notes: [], ...change }
}

/** A conversation with `kv`, which answers with its argument unless told otherwise, and `timers`. */
function stage(call: NonNullable<Power['call']> = (argument) => Promise.resolve(argument)) {
  const denied: string[] = []
  const broken: string[] = []
  const ordered: unknown[] = []
  const order = (argument: unknown): void => {
    if (argument === 'no') throw new Refusal('limit', 'too many')
    if (argument === 'bug') throw new TypeError('ours')
    ordered.push(argument)
  }
  const turns = { left: Number.POSITIVE_INFINITY }
  let woken = 0
  const talk = new Conversation({
    powers: new Map<string, Power>([
      ['kv', { call }],
      ['timers', { order }],
    ]),
    capabilityCallsPerCall: CALLS_EACH,
    effectsPerCall: 1,
    inTurn: (work) => (turns.left > 0 ? Promise.resolve(work()) : undefined),
    wake: () => (woken += 1),
    denied: (power, detail) => denied.push(`${power}: ${detail}`),
    broke: (power, error) => broken.push(`${power}: ${String(error)}`),
  })
  /** What the next resume frames say, as triples. */
  const taken = (): unknown[][] => {
    const triples: unknown[][] = []
    for (let text = talk.takeResume(); text !== undefined; text = talk.takeResume()) {
      const flat = JSON.parse(text.body) as unknown[]
      assert.equal(flat.length, 3 * text.count)
      for (let at = 0; at < flat.length; at += 3) triples.push(flat.slice(at, at + 3))
    }
    return triples
  }
  return { talk, denied, broken, ordered, turns, taken, woken: () => woken }
}

test('what a call comes to goes back under its number, and wakes the plugin', async () => {
  const { talk, taken, woken } = stage()
  assert.ok(talk.waits(1, numbered(1), 1000))
  assert.ok(talk.hear(side({ calls: [[1, 1, 'kv', '{"key":"a"}']] }), 1))
  await nextTurn()
  assert.deepEqual([woken() > 0, talk.isCalled], [true, true])
  assert.deepEqual(taken(), [[1, CALL_OK, { key: 'a' }]])
  assert.deepEqual([taken(), talk.isCalled], [[], false])
})

test('a refusal crosses with its code; whatever else a power throws is told as unavailable', async () => {
  const outcomes: unknown[] = [
    new Refusal('notAllowed', 'no'),
    new Error('the path /secret/file'),
    { circle: 1n },
    'x'.repeat(CALL_RESULT_CHARS),
  ]
  const { talk, taken, denied, broken } = stage(async () => {
    const outcome = outcomes.shift()
    if (outcome instanceof Error) throw outcome
    return outcome
  })
  talk.waits(1, numbered(1), 1000)
  assert.ok(talk.hear(side({ calls: [1, 2, 3, 4].map((call) => [call, 1, 'kv', '{}']) }), 1))
  await nextTurn()
  const refused = taken() as [number, number, { code: string; message: string }][]
  assert.deepEqual(
    refused.map(([call, how, { code }]) => [call, how, code]),
    [
      [1, CALL_REFUSED, 'notAllowed'],
      [2, CALL_REFUSED, 'unavailable'],
      [3, CALL_REFUSED, 'unavailable'],
      [4, CALL_REFUSED, 'limit'],
    ],
  )
  assert.ok(!JSON.stringify(refused).includes('secret'))
  assert.deepEqual(denied, ['kv: no'])
  // what the plugin does not see, the log has
  assert.deepEqual(broken.length, 2)
  assert.ok(broken.includes('kv: Error: the path /secret/file'))
})

test('what is no JSON is an invalid argument, and a tenant of whom too much waits is refused', async () => {
  const { talk, taken, turns } = stage()
  talk.waits(1, numbered(1), 1000)
  assert.ok(talk.hear(side({ calls: [[1, 1, 'kv', '{']] }), 1))
  turns.left = 0
  assert.ok(talk.hear(side({ calls: [[2, 1, 'kv', '{}']] }), 1))
  await nextTurn()
  const refused = taken() as [number, number, { code: string }][]
  const codes = new Map(refused.map(([call, how, { code }]) => [call, [how, code]]))
  assert.deepEqual(codes.get(1), [CALL_REFUSED, 'invalid'])
  assert.deepEqual(codes.get(2), [CALL_REFUSED, 'limit'])
})

test('a power that was not granted is refused, and the audit hears of it', () => {
  const { talk, taken, denied } = stage()
  talk.waits(1, numbered(1), 1000)
  assert.ok(talk.hear(side({ calls: [[1, 1, 'fetch', '{}']], notes: [['publish', 'topic a']] }), 1))
  assert.deepEqual(taken(), [[1, CALL_REFUSED, { code: 'notAllowed', message: 'ctx.fetch is not granted' }]])
  assert.deepEqual(denied, ['fetch: not granted', 'publish: topic a'])
})

test('a call number is believed once, and only if it grows', () => {
  const { talk } = stage()
  talk.waits(1, numbered(1), 1000)
  assert.ok(talk.hear(side({ calls: [[5, 1, 'kv', '{}']] }), 1))
  assert.ok(!talk.hear(side({ calls: [[5, 1, 'kv', '{}']] }), 1))
  assert.ok(!talk.hear(side({ calls: [[4, 1, 'kv', '{}']] }), 1))
})

test('a question may call so often, waiting or given up, and no number owns calls that nobody gave it', () => {
  const { talk } = stage()
  let call = 0
  const calls = (caller: unknown, count: number): unknown[] =>
    Array.from({ length: count }, () => [(call += 1), caller, 'kv', '{}'])
  talk.waits(1, numbered(1), 1000)
  assert.ok(talk.hear(side({ calls: calls(1, CALLS_EACH) }), 1))
  assert.ok(!talk.hear(side({ calls: calls(1, 1) }), 1))
  talk.waits(2, numbered(2), 0)
  talk.expire(1)
  assert.ok(talk.hear(side({ calls: calls(2, CALLS_EACH) }), 1))
  assert.ok(!talk.hear(side({ calls: calls(2, 1) }), 1))
  assert.ok(!talk.hear(side({ calls: calls(3, 1) }), 1))
})

function unowned(count: number): unknown[] {
  return Array.from({ length: count }, (_, index) => [index + 1, 0, 'kv', '{}'])
}

/** How many calls nobody may wait for, when so many have ended. */
function most(ended: number): number {
  return ended * CALLS_EACH + ORDERS_PER_CROSSING
}

test('what ended with a frame may have called as often as it may, and nobody else', () => {
  const settled = [7, 1, 8, 1]
  assert.ok(stage().talk.hear(side({ calls: unowned(most(2)), settled }), 0))
  assert.ok(!stage().talk.hear(side({ calls: unowned(most(2) + 1), settled }), 0))
  assert.ok(stage().talk.hear(side({ calls: unowned(most(3)), settled }), 1))
})

test('a question that has waited too long is taken out, its calls are aborted, and the guest is told', async () => {
  const signals: AbortSignal[] = []
  const { talk, taken } = stage((_argument, signal) => {
    signals.push(signal)
    return new Promise(() => {})
  })
  talk.waits(1, numbered(1), 1000)
  talk.waits(2, numbered(2), 2000)
  talk.hear(side({ calls: [[1, 1, 'kv', '{}']] }), 2)
  assert.deepEqual(talk.expire(999), [])
  assert.deepEqual(
    talk.expire(1000).map(({ question }) => question?.slot),
    [1],
  )
  assert.deepEqual(
    signals.map((signal) => signal.aborted),
    [true],
  )
  assert.deepEqual(taken(), [[1, NOBODY_WAITS, 0]])
  assert.equal(talk.room, QUESTIONS_WAITING - 2)
  assert.equal(talk.settled(1), null)
  assert.equal(talk.room, QUESTIONS_WAITING - 1)
  assert.equal(talk.settled(1), undefined)
  // nobody waits for what it asks afterwards
  talk.waits(3, numbered(3), 0)
  talk.expire(0)
  talk.hear(side({ calls: [[2, 3, 'kv', '{}']] }), 0)
  await nextTurn()
  assert.match(JSON.stringify(taken()), /nobody waits/)
  assert.equal(signals.length, 1)
})

test('what it called without awaiting goes on when a question has settled', async () => {
  const signals: AbortSignal[] = []
  const { talk } = stage((_argument, signal) => {
    signals.push(signal)
    return new Promise(() => {})
  })
  talk.waits(1, numbered(1), 1000)
  talk.hear(side({ calls: [[1, 1, 'kv', '{}']] }), 1)
  assert.equal(talk.settled(1)?.question?.slot, 1)
  assert.equal(signals[0]?.aborted, false)
  assert.deepEqual(
    talk.end().map(({ question }) => question?.slot),
    [],
  )
})

test('when the isolate is gone all that waits is handed back, and what comes later is nobody’s', async () => {
  const answers: ((value: unknown) => void)[] = []
  const { talk, taken } = stage(() => new Promise((resolve) => answers.push(resolve)))
  talk.waits(1, numbered(1), 1000)
  talk.waits(2, null, 1000)
  talk.hear(side({ calls: [[1, 1, 'kv', '{}']] }), 1)
  assert.deepEqual(
    talk.end().map(({ question }) => question?.slot),
    [1, undefined],
  )
  assert.deepEqual(talk.end(), [])
  for (const answer of answers) answer('late')
  await nextTurn()
  assert.deepEqual(taken(), [])
  // a frame was under way: an honest cell must not be killed for it
  assert.equal(talk.settled(1), null)
  assert.ok(talk.hear(side({ calls: [[2, 1, 'kv', '{}']] }), 0))
  assert.deepEqual(taken(), [])
})

test('so many calls are at work at once, so many wait, and no guest of ours asks for more', async () => {
  let atWork = 0
  const { talk } = stage(() => {
    atWork += 1
    return new Promise(() => {})
  })
  let call = 0
  const ask = (caller: number): boolean => {
    talk.waits(caller, numbered(caller), 1000)
    const calls = Array.from({ length: CALLS_EACH }, () => [(call += 1), caller, 'kv', '{}'])
    return talk.hear(side({ calls }), 1)
  }
  for (let caller = 1; caller <= CALLS_UNDER_WAY / CALLS_EACH; caller += 1) assert.ok(ask(caller))
  await nextTurn()
  assert.equal(atWork, CALLS_AT_ONCE)
  assert.ok(!ask(1000))
})

test('arguments that wait are bounded in length; what is refused for it harms no other call', async () => {
  const atWork: (() => void)[] = []
  const { talk, taken } = stage(() => new Promise((resolve) => atWork.push(() => resolve('done'))))
  let call = 0
  const argument = JSON.stringify('x'.repeat(CALLS_WAITING_CHARS / 8 - 2))
  const ask = (owner: number): boolean => {
    talk.waits(owner, numbered(owner), 1000)
    const calls = Array.from({ length: CALLS_EACH }, () => [(call += 1), owner, 'kv', argument])
    return talk.hear(side({ calls }), 1)
  }
  const before = CALLS_AT_ONCE / CALLS_EACH
  for (let owner = 1; owner <= before + 2; owner += 1) assert.ok(ask(owner))
  await nextTurn()
  const first = (before + 1) * CALLS_EACH
  // eight wait, and the eight after them do not fit
  const refused = taken() as [number, number, { code: string }][]
  assert.deepEqual(
    refused.map(([number, how, { code }]) => [number, how, code]),
    Array.from({ length: CALLS_EACH }, (_, index) => [first + 1 + index, CALL_REFUSED, 'limit']),
  )
  for (const finish of atWork.splice(0)) finish()
  await nextTurn()
  assert.equal(atWork.length, CALLS_EACH)
  // there is room again
  assert.ok(ask(before + 3))
  assert.ok(!taken().some(([, how]) => how === CALL_REFUSED))
})

test('orders are done at once, are owed no answer, and are refused to the audit', () => {
  const { talk, taken, denied, broken, ordered } = stage(() => new Promise(() => {}))
  let call = 0
  for (let caller = 1; caller <= CALLS_UNDER_WAY / CALLS_EACH; caller += 1) {
    talk.waits(caller, numbered(caller), 1000)
    talk.hear(side({ calls: Array.from({ length: CALLS_EACH }, () => [(call += 1), caller, 'kv', '{}']) }), 1)
  }
  const orders = ['"start"', '"no"', '"bug"'].map((argument) => [(call += 1), 0, 'timers', argument])
  assert.ok(talk.hear(side({ calls: orders }), 1))
  assert.deepEqual(ordered, ['start'])
  assert.deepEqual(broken, ['timers: TypeError: ours'])
  assert.deepEqual(denied, ['timers: too many'])
  assert.deepEqual(taken(), [])
})

test('results that nobody takes hold up the next calls, and come in frames of a bounded length', async () => {
  const chars = CALL_RESULT_CHARS - 2
  let made = 0
  const { talk } = stage(async () => {
    made += 1
    return 'x'.repeat(chars)
  })
  let call = 0
  for (let caller = 1; caller <= 10; caller += 1) {
    talk.waits(caller, numbered(caller), 1000)
    talk.hear(side({ calls: Array.from({ length: CALLS_EACH }, () => [(call += 1), caller, 'kv', '{}']) }), 1)
  }
  await nextTurn()
  assert.ok(made <= 2 * CALLS_AT_ONCE, `${made} results wait`)
  let taken = 0
  while (taken < call) {
    const text = talk.takeResume()
    if (text === undefined) await nextTurn()
    else {
      assert.ok(text.body.length <= RESUME_CHARS + 2)
      taken += text.count
    }
  }
  assert.equal(made, call)
})

const HOSTILE = [undefined, null, 0, -1, 1.5, '1', 2 ** 60, true, [], {}, [1], [1, 2, 3]]

test('hostile shapes are told from a guest’s, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.array(fc.anything()), fc.array(fc.anything()), (calls, notes) => {
      const { talk } = stage()
      talk.waits(1, numbered(1), 1000)
      assert.equal(typeof talk.hear(side({ calls, notes }), 1), 'boolean')
    }),
  )
  for (const shape of HOSTILE) {
    const { talk } = stage()
    assert.equal(talk.settled(shape), undefined)
    assert.equal(talk.waits(shape, null, 0), false)
    assert.equal(talk.abandon(shape), false)
    assert.equal(talk.hear(side({ calls: [shape] }), 1), false)
    assert.equal(talk.hear(side({ calls: [[1, shape, 'kv', '{}']] }), 1), shape === 0)
  }
})

type Step =
  | { readonly does: 'waits' | 'abandon' | 'settled'; readonly number: number }
  | { readonly does: 'expire'; readonly now: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constantFrom('waits' as const, 'abandon' as const, 'settled' as const),
    number: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({ does: fc.constant('expire' as const), now: fc.integer({ min: 0, max: 100 }) }),
)

test('in whatever order a cell speaks, each waiting question is handed back exactly once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { talk } = stage()
      /** The model: what waits until when, and what was given up. */
      const waiting = new Map<number, { readonly slot: number; readonly until: number }>()
      const abandoned = new Set<number>()
      const handedBack: (number | undefined)[] = []
      let slots = 0
      for (const [at, each] of steps.entries()) {
        if (each.does === 'expire') {
          handedBack.push(...talk.expire(each.now).map(({ question }) => question?.slot))
          for (const [number, { until }] of waiting) {
            if (until > each.now) continue
            waiting.delete(number)
            abandoned.add(number)
          }
          continue
        }
        const { number } = each
        const isKnown = waiting.has(number) || abandoned.has(number)
        if (each.does === 'waits') {
          const until = (at * 37) % 100
          assert.equal(talk.waits(number, numbered(slots), until), !isKnown)
          if (isKnown) continue
          waiting.set(number, { slot: slots, until })
          slots += 1
        } else if (each.does === 'abandon') {
          assert.equal(talk.abandon(number), !isKnown)
          abandoned.add(number)
          if (waiting.has(number)) abandoned.delete(number)
        } else {
          const found = talk.settled(number)
          assert.equal(found?.question?.slot, waiting.get(number)?.slot)
          assert.equal(found === undefined, !isKnown)
          if (waiting.has(number)) handedBack.push(waiting.get(number)?.slot)
          waiting.delete(number)
          abandoned.delete(number)
        }
        assert.equal(talk.room, QUESTIONS_WAITING - waiting.size - abandoned.size)
      }
      handedBack.push(...talk.end().map(({ question }) => question?.slot))
      assert.deepEqual(
        handedBack.toSorted((one, other) => Number(one) - Number(other)),
        Array.from({ length: slots }, (_, slot) => slot),
      )
    }),
  )
})
