import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { CallBudget } from '../../sandbox/host/capabilities/call-budget.ts'
import type { Job } from '../../sandbox/host/cells/job.ts'
import type { Asker } from '../../sandbox/host/host-ports.ts'
import { PerSecond } from '../../sandbox/host/per-second.ts'
import { PluginPowers } from '../../sandbox/host/plugins/plugin-powers.ts'
import { PluginReports } from '../../sandbox/host/plugins/plugin-reports.ts'
import { AnswerDesk, type DeskOwner } from '../../sandbox/host/questions/answer-desk.ts'
import { AskFrame } from '../../sandbox/host/questions/ask-frame.ts'
import type { Question } from '../../sandbox/host/questions/question.ts'
import { ResumeFrame } from '../../sandbox/host/questions/resume-frame.ts'
import { DEFAULT_LIMITS, QUESTIONS_WAITING } from '../../sandbox/limits.ts'
import { HOOKS } from '../../sandbox/sdk/hooks.ts'
import { FRAME_OUTCOMES } from '../../sandbox/wire/messages.ts'
import { MemoryKv } from '../../src/engine/memory/memory-kv.ts'
import { numbered } from '../support/question.ts'
import { recordingObserver } from '../support/recording-observer.ts'

/** How long each test here goes on; `npm test` runs a short share of what a long run may find. */
const SHARE_MS = Number(process.env['BULKHEAD_FUZZ_MS'] ?? 3000)

const GRANTED = { kv: true, timers: true, publish: { topics: ['out/#'] }, metrics: true } as const

const CONDUCT = { faulted: () => undefined, denied: () => undefined, decided: () => undefined }

/** The host's side of one plugin, with real powers, and every question that it was ever asked. */
class Side implements DeskOwner {
  readonly isStopped = false
  readonly desk: AnswerDesk
  readonly answers: number[] = []
  readonly returned: Question[] = []
  readonly #powers: PluginPowers

  constructor() {
    const { observer } = recordingObserver()
    const ports = {
      kv: new MemoryKv(),
      publish: () => true,
      metric: () => undefined,
      fetches: new CallBudget('fetches', 1, 10),
      sourceCalls: new CallBudget('questions to sources', 1, 10),
    }
    const plugin = { name: 'p', bundle: null, config: {}, capabilities: GRANTED, secrets: {} }
    const spec = { tenant: 't', plugins: [plugin], limits: DEFAULT_LIMITS, jit: false }
    this.#powers = new PluginPowers(spec, plugin, ports, () => true)
    const reports = new PluginReports(observer, 't', 'p', '', new PerSecond(10), CONDUCT)
    this.desk = new AnswerDesk(this, this.#powers, reports, DEFAULT_LIMITS)
  }

  inTurn<Result>(work: () => Result): Promise<Result> {
    return nextTurn().then(work)
  }
  wake(): void {}
  giveBack(question: Question): void {
    this.returned.push(question)
  }
  struck(): void {}
  suspected(): void {}
  full(): void {}
  condemned(): void {
    this.cellDied()
  }
  setUp(): void {}
  setupFailed(): void {}

  /** A question that counts how often it is answered. */
  question(hook: number): Question {
    const slot = this.answers.push(0) - 1
    const asker: Asker = {
      answered: (which) => {
        this.answers[which] = (this.answers[which] ?? 0) + 1
      },
    }
    return numbered(slot, { hook, asker })
  }

  cellDied(): void {
    this.desk.isolateGone('crash', 'the cell ended')
    this.desk.begin()
  }

  close(): void {
    this.cellDied()
    for (const question of this.returned) this.desk.ended(question, 'stopped', '')
    this.desk.close()
  }
}

const number = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.constantFrom(0, -1, 1.5, 2 ** 53, '1', null, true),
)
const word = fc.constantFrom('kv', 'publish', 'timers', 'metrics', 'fetch', '__proto__', 'constructor', '')
const argument = fc.oneof(
  fc.constantFrom(
    '{"op":"get","key":"k"}',
    '{"op":"set","key":"k","value":"1"}',
    '{"op":"after","timer":1,"ms":86400000}',
    '{"topic":"out/a"}',
    '{"topic":"$SYS/a"}',
    '{"__proto__":1}',
    '{',
    '[[[[',
  ),
  fc.json({ maxDepth: 2 }),
)
const answer = fc.oneof(
  fc.constantFrom<unknown>(-1, 0, 1, 2, 3, 'threw:no', 'bad', '{"verdict":"deny"}', { verdict: 'allow' }),
  fc.tuple(number),
  fc.tuple(number, number),
  fc.jsonValue({ maxDepth: 2 }),
)
const listOf = (each: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 8, arbitrary: fc.array(each, { maxLength: 8 }) }, fc.jsonValue({ maxDepth: 1 }))

/** What a hostile cell may send in place of answers: nearly right, or not at all. */
function bodyOf(count: number): fc.Arbitrary<string> {
  const answers = fc.array(answer, { minLength: count, maxLength: count })
  const beside = fc.record(
    {
      s: fc.array(fc.tuple(number, answer), { maxLength: 4 }).map((pairs) => pairs.flat()),
      c: listOf(fc.tuple(number, number, word, fc.oneof(argument, fc.jsonValue({ maxDepth: 1 })))),
      x: listOf(fc.tuple(fc.integer({ min: -5, max: 5 }), word, argument)),
      n: listOf(fc.tuple(word, fc.string())),
      l: listOf(fc.tuple(fc.constantFrom('info', 'no'), fc.string())),
      d: fc.oneof(fc.nat(5), fc.constantFrom(-1, '1')),
    },
    { requiredKeys: [] },
  )
  const whole = fc
    .tuple(answers, fc.option(beside))
    .map(([a, side]) => JSON.stringify(side ? { a, ...side } : a))
  const spoilt = fc
    .tuple(whole, fc.nat(400), fc.constantFrom('"', ',', '[', ']', '}', '1', ''))
    .map(([text, at, unit]) => text.slice(0, at) + unit + text.slice(at + 1))
  return fc.oneof({ weight: 3, arbitrary: plausible(count) }, { weight: 2, arbitrary: whole }, spoilt)
}

const few = fc.integer({ min: 1, max: 8 })

/** What is often believed: questions that wait, and some of them ending. */
function plausible(count: number): fc.Arbitrary<string> {
  const plain = fc.constantFrom<unknown>(1, 3, 'threw:no')
  const each = fc.oneof(plain, fc.constant(-1), fc.tuple(few))
  return fc
    .tuple(
      fc.array(each, { minLength: count, maxLength: count }),
      fc.option(fc.tuple(few, plain)),
      fc.option(fc.tuple(fc.integer({ min: 1, max: 1000 }), few, word, argument)),
    )
    .map(([a, s, c]) =>
      JSON.stringify({ a, ...(s === null ? {} : { s }), ...(c === null ? {} : { c: [c] }) }),
    )
}

const end = fc.oneof(
  { weight: 8, arbitrary: fc.constant('done' as const) },
  fc.constantFrom(...FRAME_OUTCOMES),
  fc.constantFrom('overdue' as const, 'lost' as const),
)
const asked = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, 1, HOOKS.indexOf('onClose')), end)
  .chain(([count, hook, how]) =>
    bodyOf(count).map((body) => ({ kind: 'ask' as const, count, hook, how, body })),
  )
const resumed = fc.tuple(bodyOf(0), end).map(([body, how]) => ({ kind: 'resume' as const, body, how }))
const passed = fc.constantFrom(0, 500, 10_000).map((ms) => ({ kind: 'expire' as const, ms }))
const step = fc.oneof({ weight: 4, arbitrary: asked }, { weight: 3, arbitrary: resumed }, passed)

test('whatever a cell says, every question is answered once, and nothing is thrown', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const side = new Side()
      for (const each of steps) {
        if (each.kind === 'expire') {
          side.desk.expire(performance.now() + each.ms)
          continue
        }
        if (each.kind === 'resume') side.desk.takeResume()
        const questions =
          each.kind === 'ask' ? Array.from({ length: each.count }, () => side.question(each.hook)) : []
        const job: Job =
          each.kind === 'ask'
            ? new AskFrame(side.desk, 1, 1, 150, questions)
            : new ResumeFrame(side.desk, 1, 1, 150, 0)
        finish(side, job, each.how, each.body)
        assert.ok(side.desk.room <= QUESTIONS_WAITING)
        await nextTurn()
      }
      side.close()
      assert.deepEqual(
        side.answers,
        side.answers.map(() => 1),
      )
    }),
    {
      numRuns: Number.POSITIVE_INFINITY,
      plugins: [fc.interruptAfterTimeLimit(SHARE_MS)],
      endOnFailure: true,
    },
  )
})

/** As a cell's process does it: what is not believed ends the cell; what is overdue may yet be answered. */
function finish(
  side: Side,
  job: Job,
  how: (typeof FRAME_OUTCOMES)[number] | 'overdue' | 'lost',
  body: string,
): void {
  if (how === 'lost') {
    job.lost(true, 'crash')
    side.cellDied()
    return
  }
  if (how === 'overdue') job.overdue()
  if (!job.done(how === 'overdue' ? 'done' : how, body)) side.cellDied()
}
