import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { judgeAtOnce } from '../../sandbox/host/cells/job.ts'
import { Refusal } from '../../sandbox/host/capabilities/power.ts'
import { PerSecond } from '../../sandbox/host/per-second.ts'
import type { PluginPowers } from '../../sandbox/host/plugins/plugin-powers.ts'
import { PluginReports } from '../../sandbox/host/plugins/plugin-reports.ts'
import { AnswerDesk, type DeskOwner } from '../../sandbox/host/questions/answer-desk.ts'
import { readLoaded } from '../../sandbox/host/questions/answers.ts'
import { AskFrame } from '../../sandbox/host/questions/ask-frame.ts'
import { Fault, judge } from '../../sandbox/host/questions/check-verdict.ts'
import type { Question } from '../../sandbox/host/questions/question.ts'
import { ResumeFrame } from '../../sandbox/host/questions/resume-frame.ts'
import { ASKERS, type CheckedVerdict, DEFAULT_LIMITS, type Outcome } from '../../sandbox/index.ts'
import { emptyHeader, FrameReader, HEADER_BYTES, writeHeader } from '../../sandbox/wire/frames.ts'
import { anyText } from '../support/any-text.ts'
import { recordingObserver } from '../support/recording-observer.ts'
import { HONEST } from './honest-verdicts.ts'
import { dice, variantsOf } from './variants.ts'

/**
 * What a cell says is what a plugin says that broke out of its isolate. `npm test` runs a share of
 * BULKHEAD_FUZZ_MS, 3 s by default; BULKHEAD_FUZZ_CASES is a long run of so many cases for each test: a
 * million take three minutes.
 */
const TESTS = 4
const SHARE_MS = Number(process.env['BULKHEAD_FUZZ_MS'] ?? 3000) / TESTS
const CASES = Number(process.env['BULKHEAD_FUZZ_CASES'] ?? 0)
/** To make up a case takes ten times as long as to run it: of each, so many are made that nearly are it. */
const VARIANTS = 32
const RUN =
  CASES > 0
    ? { numRuns: Math.ceil(CASES / VARIANTS) }
    : {
        numRuns: Number.POSITIVE_INFINITY,
        plugins: [fc.interruptAfterTimeLimit(SHARE_MS)],
        endOnFailure: true,
      }
const STOP = { timeout: CASES > 0 ? Number.POSITIVE_INFINITY : 60_000 }

// --- frames

const MOST_BYTES = 200
const chunks = fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 12 })
const seed = fc.nat(0xffff_ffff)

test('a reader of frames takes any bytes in any pieces, and keeps no more than its bound', STOP, () => {
  fc.assert(
    fc.property(chunks, seed, (pieces, from) => {
      const roll = dice(from)
      for (let variant = 0; variant < VARIANTS; variant += 1) {
        takesAnyBytes(pieces)
        const piece = pieces[roll(pieces.length + 1)]
        // the first bytes are a length: small values make frames of the rest
        if (piece !== undefined && piece.length > 0) piece[roll(piece.length)] = roll(roll(256) + 1)
      }
    }),
    RUN,
  )
})

function takesAnyBytes(pieces: readonly Uint8Array[]): void {
  const reader = new FrameReader(MOST_BYTES)
  for (const piece of pieces) {
    reader.push(piece)
    for (let found = reader.next(); found !== 'more'; found = reader.next()) {
      if (found === 'malformed') {
        assert.ok(reader.header.bodyBytes > MOST_BYTES)
        return
      }
      assert.equal(reader.body.length, reader.header.bodyBytes)
      assert.ok(reader.body.length <= MOST_BYTES)
    }
  }
}

const header = fc.record({
  type: fc.nat(255),
  outcome: fc.nat(255),
  count: fc.nat(65_535),
  epoch: fc.nat(0xffff_ffff),
  instance: fc.nat(0xffff_ffff),
  generation: fc.nat(0xffff_ffff),
  id: fc.nat(0xffff_ffff),
})
const frames = fc.array(fc.tuple(header, fc.uint8Array({ maxLength: MOST_BYTES })), { maxLength: 6 })

const MOST_PIECE_BYTES = 300

test('frames come out as they went in, wherever the reads split them', STOP, () => {
  fc.assert(
    fc.property(frames, seed, (written, from) => {
      const roll = dice(from)
      const bytes = Buffer.concat(written.map(([head, body]) => encoded(head, body)))
      const expected = written.map(([head, body]) =>
        JSON.stringify([{ ...emptyHeader(), ...head }, [...body]]),
      )
      for (let variant = 0; variant < VARIANTS; variant += 1) {
        const most = 1 + roll(MOST_PIECE_BYTES)
        assert.deepEqual(
          readInPieces(bytes, () => 1 + roll(most)),
          expected,
        )
      }
    }),
    RUN,
  )
})

/** What a reader makes of these bytes, when they come in pieces of these sizes. */
function readInPieces(bytes: Buffer, size: () => number): string[] {
  const reader = new FrameReader(MOST_BYTES)
  const read: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + size()
    reader.push(new Uint8Array(bytes.subarray(at, end)))
    for (let found = reader.next(); found === 'frame'; found = reader.next()) {
      assert.equal(reader.body.length, reader.header.bodyBytes)
      read.push(JSON.stringify([{ ...reader.header, bodyBytes: 0 }, [...reader.body]]))
    }
    at = end
  }
  return read
}

function encoded(head: object, body: Uint8Array): Buffer {
  const bytes = new Uint8Array(HEADER_BYTES + body.length)
  writeHeader(new DataView(bytes.buffer), 0, { ...emptyHeader(), ...head, bodyBytes: body.length })
  bytes.set(body, HEADER_BYTES)
  return Buffer.from(bytes)
}

// --- bodies

const small = fc.integer({ min: -3, max: 9 })
const number = fc.oneof(small, fc.double(), fc.constantFrom(2 ** 53, -0, 1e308))
const word = fc.constantFrom(
  'kv',
  'log',
  'publish',
  'timers',
  '__proto__',
  'constructor',
  '',
  'x'.repeat(300),
)
const verdict = fc.record(
  {
    verdict: fc.constantFrom('allow', 'deny', 'abstain', 'disconnect', 'filters', '', 1, null),
    code: fc.oneof(fc.constantFrom(0, 0x80, 0x87, 0x97), fc.jsonValue()),
    reason: fc.oneof(anyText(), fc.jsonValue()),
    userProperties: fc.oneof(fc.array(fc.tuple(fc.string(), fc.string())), fc.jsonValue()),
    cacheMs: number,
    grants: fc.jsonValue(),
    filters: fc.array(fc.jsonValue()),
    default: fc.constantFrom('allow', 'deny', 1),
    except: fc.array(number),
    session: fc.jsonValue(),
    attributes: fc.jsonValue(),
    __proto__: fc.jsonValue(),
  },
  { requiredKeys: [] },
)
const fault = fc.constantFrom('threw:x', 'unsettled:', 'bad-verdict:y', 'ok:', 'crash:z', ':', '')
const honest = fc.constantFrom(...HONEST)
const element = fc.oneof(
  small,
  verdict,
  honest,
  honest,
  fault,
  fc.tuple(number),
  fc.jsonValue(),
  fc.constant([[[[[1]]]]]),
)
const lines = fc.array(
  fc.oneof(fc.tuple(fc.constantFrom('info', 'fatal'), fc.string(), fc.jsonValue()), fc.jsonValue()),
)
const answers = fc.oneof(
  fc.array(element, { maxLength: 4 }),
  fc.record(
    {
      a: fc.array(element, { maxLength: 4 }),
      s: fc.array(fc.oneof(number, element), { maxLength: 6 }),
      c: fc.array(fc.oneof(fc.tuple(number, number, word, fc.jsonValue()), fc.jsonValue()), {
        maxLength: 12,
      }),
      x: fc.array(fc.oneof(fc.tuple(number, word, fc.jsonValue()), fc.jsonValue()), { maxLength: 6 }),
      n: fc.array(fc.oneof(fc.tuple(word, fc.string()), fc.jsonValue()), { maxLength: 6 }),
      l: lines,
      d: number,
      w: number,
      e: fc.oneof(fc.string(), fc.jsonValue()),
      m: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
)
const body = fc.oneof(
  { weight: 6, arbitrary: answers.map((each) => JSON.stringify(each)) },
  { weight: 2, arbitrary: fc.tuple(answers, fc.nat(200), fc.string({ maxLength: 3 })).map(spoilt) },
  { weight: 1, arbitrary: anyText() },
  { weight: 1, arbitrary: fc.nat(3000).map((deep) => '['.repeat(deep) + ']'.repeat(deep)) },
)

function spoilt([each, at, put]: [unknown, number, string]): string {
  const text = JSON.stringify(each)
  const place = at % (text.length + 1)
  return text.slice(0, place) + put + text.slice(place + 1)
}

interface Said {
  readonly questions: number
  readonly asked: string
  /** Whether its deadline had answered before. */
  readonly late: boolean
  readonly resumed: readonly string[]
}
const said: fc.Arbitrary<Said> = fc.record({
  questions: fc.integer({ min: 0, max: 4 }),
  asked: body,
  late: fc.boolean(),
  resumed: fc.array(body, { maxLength: 3 }),
})

test('whatever a cell answers, each question ends exactly once, and nothing throws', STOP, async () => {
  await fc.assert(
    fc.asyncProperty(said, seed, async (first, from) => {
      const roll = dice(from)
      const asked = variantsOf(first.asked, roll)
      const resumed = first.resumed.map((text) => variantsOf(text, roll))
      await endsOnce(first)
      for (let variant = 1; variant < VARIANTS; variant += 1) {
        const texts = resumed.map((next) => next())
        await endsOnce({ questions: roll(5), asked: asked(), late: roll(2) === 0, resumed: texts })
      }
    }),
    RUN,
  )
})

async function endsOnce({ questions, asked, late, resumed }: Said): Promise<void> {
  const stage = new DeskStage(questions)
  const frame = new AskFrame(stage.desk, 1, 1, 100, stage.questions)
  if (late) frame.overdue()
  let honest = judgeAtOnce(frame.done('done', asked))
  for (const text of resumed) {
    if (!honest) break
    await Promise.resolve() // powers answer meanwhile
    stage.desk.takeResume()
    honest = judgeAtOnce(new ResumeFrame(stage.desk, 1, 1, 100, 1).done('done', text))
  }
  // hostile or not, there is an end to every isolate
  stage.desk.isolateGone('crash', 'the cell ended')
  stage.check()
}

test('each answer of honest plugins is one to some hook', () => {
  for (const answer of HONEST)
    assert.ok(
      ASKERS.some((hook) => !(judge(hook, answer) instanceof Fault)),
      JSON.stringify(answer),
    )
})

test('a verdict is built of what its hook knows; what is loaded is read, or refused', STOP, () => {
  fc.assert(
    fc.property(element, body, seed, (raw, loaded, from) => {
      const roll = dice(from)
      const text = JSON.stringify(raw ?? null)
      const [verdicts, manifests] = [variantsOf(text, roll), variantsOf(loaded, roll)]
      for (const hook of ASKERS) isBuiltAnew(hook, text, loaded)
      for (let variant = ASKERS.length; variant < VARIANTS; variant += 1) {
        const hook = ASKERS[roll(ASKERS.length)] ?? 'authenticate'
        isBuiltAnew(hook, verdicts(), manifests())
      }
    }),
    RUN,
  )
})

function isBuiltAnew(hook: (typeof ASKERS)[number], raw: string, loaded: string): void {
  const judged = judge(hook, parsed(raw))
  if (!(judged instanceof Fault)) {
    assert.ok(Object.isFrozen(judged))
    assert.equal(Object.getPrototypeOf(judged), Object.prototype)
    assert.ok(WORDS.includes(judged.verdict), judged.verdict)
  }
  readLoaded(loaded)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const WORDS: readonly string[] = [
  'allow',
  'deny',
  'abstain',
  'disconnect',
  'filters',
  'recipients',
  'continue',
  'transform',
  'set',
  'defer',
  'strip',
  'suppress',
]

/** The desk of one plugin with two powers, and questions that count how often they are answered. */
class DeskStage {
  readonly desk: AnswerDesk
  readonly questions: readonly Question[]
  readonly #ends: number[]

  constructor(count: number) {
    this.#ends = Array.from({ length: count }, () => 0)
    this.questions = Array.from({ length: count }, (_, slot) => this.#question(slot))
    const { observer } = recordingObserver()
    const reports = new PluginReports(observer, 't', 'p', '', new PerSecond(100), CONDUCT)
    this.desk = new AnswerDesk(this.#owner(), POWERS as unknown as PluginPowers, reports, DEFAULT_LIMITS)
  }

  check(): void {
    assert.deepEqual(
      this.#ends,
      this.#ends.map(() => 1),
    )
  }

  #question(slot: number): Question {
    const asker = {
      answered: (own: number, outcome: Outcome, verdict: CheckedVerdict | null): void => {
        assert.equal(own, slot)
        assert.equal(verdict !== null, outcome === 'ok')
        this.#end(slot)
      },
    }
    return {
      hook: 1,
      subject: null,
      event: '{}',
      asker,
      slot,
      source: 's',
      hops: 0,
      since: 0,
      askedAt: 0,
      returned: 0,
    }
  }

  #end(slot: number): void {
    this.#ends[slot] = (this.#ends[slot] ?? 0) + 1
  }

  /** All that it is told but not asked, it ignores. */
  #owner(): DeskOwner {
    const own: Readonly<Record<string, unknown>> = {
      isStopped: false,
      inTurn: (work: () => unknown) => Promise.resolve(work()),
      giveBack: ({ slot }: Question) => this.#end(slot),
    }
    return new Proxy(own, {
      get: (target, key) => target[String(key)] ?? (() => undefined),
    }) as unknown as DeskOwner
  }
}

const CONDUCT = { faulted: () => undefined, denied: () => undefined, decided: () => undefined }
const POWERS = {
  byName: new Map([
    ['kv', { call: (argument: unknown) => Promise.resolve(argument) }],
    [
      'publish',
      {
        release: () => {
          throw new Refusal('notAllowed', 'no')
        },
      },
    ],
  ]),
  timerRan: () => undefined,
  isolateGone: () => undefined,
  close: () => undefined,
}
