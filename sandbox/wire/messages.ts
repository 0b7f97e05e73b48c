import { type HookName, HOOKS } from '../sdk/hooks.ts'

/**
 * What the frames say. Each frame of a cell answers exactly one of the host's and repeats its epoch,
 * instance, generation and id; a cell works through the host's frames in order.
 */
export const FRAME = {
  /** Host → cell: the first frame; answered by `ready`. */
  hello: 1,
  /**
   * Host → cell: a line of {@link LoadSettings} as JSON, then the bundle's code. Replaces the instance's
   * isolate.
   */
  load: 2,
  /** Host → cell: like `load`, to read the manifest that the code declares. No hook and no setup runs. */
  probe: 3,
  /** Host → cell: questions, see {@link DEFINE}. */
  ask: 4,
  /** Host → cell: call `onClose`, then drop the isolate. */
  unload: 5,
  /** Host → cell: what capability calls came to, see {@link CALL_OK}. */
  resume: 6,
  ready: 65,
  loaded: 66,
  probed: 67,
  answers: 68,
  unloaded: 69,
  resumed: 70,
} as const

/** Which frame of the cell answers which of the host's. */
export const ANSWERED_BY: Readonly<Record<number, number>> = {
  [FRAME.hello]: FRAME.ready,
  [FRAME.load]: FRAME.loaded,
  [FRAME.probe]: FRAME.probed,
  [FRAME.ask]: FRAME.answers,
  [FRAME.unload]: FRAME.unloaded,
  [FRAME.resume]: FRAME.resumed,
}

/**
 * How a whole frame ended, by its place in this list. Unless it is `done`, the body is empty or the detail as
 * plain text. After `timeout` and `memory` the isolate is gone; `not-begun`: it was already gone, nothing
 * ran. `full` is said of questions alone: nothing ran, since the isolate's heap stays nearly full and it is
 * to be made anew; what waits in there still goes on.
 */
export const FRAME_OUTCOMES = [
  'done',
  'threw',
  'unsettled',
  'timeout',
  'memory',
  'not-begun',
  'full',
] as const
export type FrameOutcome = (typeof FRAME_OUTCOMES)[number]

/**
 * An `ask` body is one flat JSON array of triples: `hook, subject, event` is a question (`subject` 0: none),
 * `DEFINE, subject, client` tells the isolate who a subject is, `FORGET, subject, 0` drops it again. Flat,
 * because an array less a question is what a jitless isolate notices.
 */
export const DEFINE = -1
export const FORGET = -2

/**
 * In a hook's place: a timer of the plugin's is due. The event is the timer's number; it is told like a
 * teller.
 */
export const TIMER = 63

/**
 * A `resume` body is one flat JSON array of triples `call, how, value`: the number of a capability call, one
 * of these, and what it came to; or `{"code":…,"message":…}`.
 */
export const CALL_OK = 1
export const CALL_REFUSED = 0
/** Here the first number is that of a waiting question: policy has answered it, and it is to be let go. */
export const NOBODY_WAITS = 2

/**
 * An `answers` body is a JSON array with one element a question: one of these numbers; an object, the verdict
 * as the plugin gave it, or its JSON as text if it is long; a string, `outcome:detail`; or a list with one
 * number, under which the question now waits for capability calls. With anything beside it, it is an
 * {@link AnswersWithSide}.
 *
 * A `resumed` body is an {@link AnswersWithSide} too; its `a` is empty.
 */
export const ANSWER = {
  notBegun: -1,
  /** A teller came to its normal end. */
  told: 0,
  allow: 1,
  abstain: 2,
  deny: 3,
} as const

/**
 * `authorizePublish` of a message that has nothing but a topic and two flags: this number plus the flags, and
 * the topic in the event's place. It is asked once a message, so every byte and every object of it counts.
 */
export const SHORT_PUBLISH = 64

/** The flags of {@link SHORT_PUBLISH}, from 0 to 5. */
export function shortFlags(qos: 0 | 1 | 2, retain: boolean): number {
  return qos * 2 + (retain ? 1 : 0)
}

/** The hook that a question's number means. */
export function hookOf(number: number): HookName {
  return number >= SHORT_PUBLISH ? 'authorizePublish' : (HOOKS[number] as HookName)
}

/**
 * Answers with what else happened meanwhile. `load` and `probe` are answered in this form, without `a`.
 */
export interface AnswersWithSide {
  readonly a?: readonly unknown[]
  /** What has waited and is settled now, flat: the number under which it waited, its answer. */
  readonly s?: readonly unknown[]
  /**
   * Capability calls to be made: lists of the call's number, the waiting question's number (0: nobody waits
   * for it), the capability's name, the argument's JSON as text.
   */
  readonly c?: readonly unknown[]
  /**
   * Effects, to happen if their question ended well: lists of the answer's place, the capability's name, the
   * argument's JSON as text. A place is one in `a`, from 0; of a pair in `s`, from -2 downwards; or -1: of
   * `setup`.
   */
  readonly x?: readonly unknown[]
  /** Refused inside already, for the audit: lists of the capability's name and a text. */
  readonly n?: readonly unknown[]
  /** Of `load`: `setup` waits for capability calls under this number. */
  readonly w?: number
  /** Lines: level, text, fields. */
  readonly l?: readonly unknown[]
  /** Lines dropped for the budget, or for want of the capability. */
  readonly d?: number
  /** Why `load` or `probe` failed. */
  readonly e?: string
  /** What `probe` found: see {@link ProbedPlugin}. */
  readonly m?: ProbedPlugin
}

/** What the code says of itself, unchecked: its values as JSON and the names of its functions. */
export interface ProbedPlugin {
  readonly values: Readonly<Record<string, unknown>>
  readonly functions: readonly string[]
}

/** What an isolate is made with. The guest parses it itself, so that nothing but text crosses. */
export interface LoadSettings {
  readonly name: string
  readonly version: string
  readonly tenant: string | undefined
  readonly config: Readonly<Record<string, unknown>>
  /** The manifest's hooks, by number in HOOKS: what else the code has is not called. */
  readonly hooks: readonly number[]
  readonly log: boolean
  /** The powers of `ctx` that are granted, beside the log, with their bounds. */
  readonly powers: Readonly<Record<string, unknown>>
  /** Whether events of this plugin carry bytes (payload, password) that the guest must decode. */
  readonly bytes: boolean
  /** Powers that `ctx` does not have, each with the sentence that using it throws. */
  readonly absent: Readonly<Record<string, string>>
  /** `ctx.brokerConfig`, where it is granted. */
  readonly brokerConfig: object | undefined
  /** For so long the isolate's heap is not looked at: it would not be made anew, however full it were. */
  readonly unmeasuredMs: number
  readonly limits: IsolateLimits
}

export interface IsolateLimits {
  readonly heapMiB: number
  /** The part of `heapMiB` from which on an isolate is full … */
  readonly heapFullShare: number
  /** … and how often that is looked at. */
  readonly heapLookMs: number
  readonly softMs: number
  readonly activateMs: number
  readonly closeMs: number
  /** A batch stops after this much time, or this much text of answers. */
  readonly batchMs: number
  readonly answersChars: number
  /** Of answers to questions that had waited and end in one crossing. */
  readonly lateChars: number
  /** What a probe may find, as JSON. */
  readonly manifestChars: number
  readonly verdictChars: number
  /** A longer verdict travels as text within the text. */
  readonly inlineChars: number
  readonly detailChars: number
  readonly logsPerCall: number
  readonly logTextChars: number
  readonly logFieldsChars: number
  readonly logCharsPerFrame: number
  readonly capabilityCallsPerCall: number
  /** Calls that are not answered, of all questions. */
  readonly callsUnderWay: number
  readonly publishesPerCall: number
  /** The argument of a capability call, or of an effect, as JSON. */
  readonly argumentChars: number
  /** Of all calls and effects of one crossing. */
  readonly outboxChars: number
  /** Timers started and cancelled in one crossing. */
  readonly ordersPerCrossing: number
  readonly timers: number
  readonly timerMs: number
  readonly timerMostMs: number
}

/** What the cell asks of its guest: one function, one number, one text in, one text out. */
export const ENTER = { load: 0, probe: 1, ask: 2, close: 3, collect: 4, resume: 5 } as const

/**
 * The guest's answer that means: promises are pending; their reactions run now; call `collect` for the rest.
 */
export const PENDING = ''
