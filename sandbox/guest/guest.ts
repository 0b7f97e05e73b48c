import {
  CALL_OK,
  DEFINE,
  FORGET,
  type LoadSettings,
  NOBODY_WAITS,
  PENDING,
  SHORT_PUBLISH,
  TIMER,
} from '../wire/messages.ts'
import { AnswerWriter, isAnswer } from './answer.ts'
import { Batch, type Fill } from './batch.ts'
import { Call } from './call.ts'
import { type Contexts, createContexts } from './context.ts'
import { describeThrown, faultJson } from './describe-fault.ts'
import { freezeEvent, freezeEventWithBytes } from './event.ts'
import { Loading } from './loading.ts'
import { GuestLog } from './log.ts'
import { Outbox } from './outbox.ts'
import {
  AUTHENTICATE,
  AUTHORIZE_PUBLISH,
  evaluatePlugin,
  FIRST_TELLER,
  type Hook,
  type HookTable,
  ON_CLOSE,
  probePlugin,
  takeHooks,
  takeSetup,
} from './plugin.ts'
import { emptyRecord, freeze, newError, now, parseJson, toJson, whenSettled } from './primordials.ts'
import { Timers } from './timers.ts'
import { WaitingCalls } from './waiting.ts'

/**
 * The trusted half of an isolate: calls the plugin's hooks and writes down what they answer. All that runs
 * plugin code runs inside one crossing, under its time limit.
 */
export class Guest {
  readonly #settings: LoadSettings
  readonly #bytes: boolean
  readonly #detailChars: number
  readonly #log: GuestLog
  readonly #writer: AnswerWriter
  readonly #outbox: Outbox
  readonly #timers: Timers
  readonly #waiting: WaitingCalls
  readonly #contexts: Contexts
  /** Of all calls, where no power must know whose it is. */
  readonly #shared: object | undefined
  readonly #subjects: Record<number, object | undefined> = emptyRecord()
  #hooks: HookTable = emptyRecord()
  /** What the crossing that is under way will have answered. */
  #batch: Batch | undefined
  #loading: Loading | undefined
  #closing = false

  constructor(settings: LoadSettings) {
    const { limits } = settings
    this.#settings = settings
    this.#bytes = settings.bytes
    this.#detailChars = limits.detailChars
    this.#log = new GuestLog(limits, settings.log)
    this.#log.installConsole()
    this.#log.budget = limits.logsPerCall
    this.#writer = new AnswerWriter(limits)
    this.#outbox = new Outbox(limits)
    this.#timers = new Timers(limits, this.#outbox)
    this.#waiting = new WaitingCalls(this.#outbox, limits)
    this.#contexts = createContexts(settings, this.#log, this.#outbox, this.#timers)
    this.#shared = this.#contexts.perCall ? undefined : this.#contexts.of(new Call(limits))
  }

  /** Evaluates the plugin, takes its hooks, runs its `setup`. */
  load(code: string): string {
    const call = new Call(this.#settings.limits)
    const loading = new Loading(this.#outbox, call)
    try {
      const plugin = evaluatePlugin(code)
      this.#hooks = takeHooks(plugin, this.#settings)
      const done = takeSetup(plugin)?.(this.#shared ?? this.#contexts.of(call))
      if (!isThenable(done)) {
        loading.end('')
        return this.#loaded(loading)
      }
      this.#loading = loading
      const settled = (failure: string): void => {
        if (loading.end(failure)) return
        const answer = failure === '' ? '0' : faultJson('threw', failure, this.#detailChars)
        this.#waiting.settle(call, answer, failure === '')
      }
      whenSettled(
        done,
        () => settled(''),
        (reason) => settled(describeThrown(reason, this.#detailChars)),
      )
      return PENDING
    } catch (thrown) {
      loading.end(describeThrown(thrown, this.#detailChars))
      return this.#loaded(loading)
    }
  }

  probe(code: string): string {
    try {
      const manifest = toJson(probePlugin(evaluatePlugin(code))) as string
      if (manifest.length > this.#settings.limits.manifestChars) throw newError('its manifest is too large')
      return `{"m":${manifest}}`
    } catch (thrown) {
      return `{"e":${toJson(describeThrown(thrown, this.#detailChars))}}`
    }
  }

  /**
   * A jitless engine feels every call and every look at a field: the question that is asked most is answered
   * in this loop, from locals; what is rarer takes the longer way.
   */
  ask(text: string): string {
    const items = parseJson(text) as readonly unknown[]
    const { batchMs, answersChars, logsPerCall } = this.#settings.limits
    const batch = new Batch(this.#outbox, this.#detailChars)
    const publish = this.#hooks[AUTHORIZE_PUBLISH] as Hook
    const context = this.#shared
    const subjects = this.#subjects
    const writer = this.#writer
    const log = this.#log
    const startedAt = now()
    const end = items.length
    let begun = true
    let nextLook = 0
    let stride = 1
    for (let index = 0; index < end; index += 3) {
      const hook = items[index] as number
      if (hook >= SHORT_PUBLISH && begun && context !== undefined) {
        log.budget = logsPerCall
        try {
          const client = subjects[items[index + 1] as number]
          const flags = hook - SHORT_PUBLISH
          const event = { client, topic: items[index + 2], qos: flags >> 1, retain: (flags & 1) === 1 }
          const value = publish(freeze(event), context)
          if (value === writer.allow) batch.text += ',1'
          else {
            batch.add(this.#settle(batch, undefined, AUTHORIZE_PUBLISH, value))
            nextLook = 0 // whatever is more than a number counts towards the answers' length at once
          }
        } catch (thrown) {
          batch.text += `,${this.#threw(thrown)}`
        }
      } else this.#rarer(batch, items, index, begun)
      if (index < nextLook) continue
      // the clock is not looked at for every question of a plugin whose questions take no time
      const spentMs = now() - startedAt
      begun = begun && spentMs < batchMs && batch.length + this.#outbox.length < answersChars
      stride = spentMs === 0 && stride < MOST_UNTIMED ? stride * 2 : 1
      nextLook = index + 3 * stride
    }
    return this.#end(batch)
  }

  /** What the host made of capability calls; who waited for them goes on when this crossing ends. */
  resume(text: string): string {
    const items = parseJson(text) as readonly unknown[]
    this.#batch = new Batch(this.#outbox, this.#detailChars)
    this.#log.budget = this.#settings.limits.logsPerCall
    for (let index = 0; index < items.length; index += 3) {
      const number = items[index] as number
      if (items[index + 1] === NOBODY_WAITS) this.#waiting.letGo(number)
      else this.#outbox.answered(number, items[index + 1] === CALL_OK, items[index + 2])
    }
    return PENDING
  }

  /** The last call of a plugin: what it asks of the host happens, and nobody is left to hear what comes. */
  close(): string {
    this.#closing = true
    const batch = new Batch(this.#outbox, this.#detailChars)
    if (this.#hooks[ON_CLOSE] !== undefined) batch.add(this.#answer(batch, ON_CLOSE, {}))
    return this.#end(batch)
  }

  /** The rest of a crossing that left promises: their reactions have run by now. */
  collect(): string {
    const loading = this.#loading
    const batch = this.#batch
    if (batch === undefined) return loading === undefined ? NOTHING_LOADED : this.#loaded(loading)
    this.#batch = undefined
    const canWait = this.#canWait
    const answers = batch.collect(canWait, (call) => this.#waiting.add(call))
    const side = this.#waiting.take(canWait) + this.#side()
    return side === '' ? `[${answers}]` : `{"a":[${answers}]${side}}`
  }

  get #canWait(): boolean {
    return !this.#closing && (this.#outbox.awaited > 0 || this.#timers.count > 0)
  }

  /** Without promises that is all; with them, their reactions run when this crossing ends. */
  #end(batch: Batch): string {
    this.#batch = batch
    if (batch.holes === 0 && this.#waiting.isEmpty) return this.collect()
    this.#log.budget = (batch.holes + 1) * this.#settings.limits.logsPerCall
    return PENDING
  }

  #rarer(batch: Batch, items: readonly unknown[], index: number, begun: boolean): void {
    const hook = items[index] as number
    const subject = items[index + 1] as number
    if (hook === DEFINE) this.#subjects[subject] = freezeEvent(items[index + 2] as Plain, hook)
    else if (hook === FORGET) delete this.#subjects[subject]
    else {
      if (!begun) batch.text += ',-1'
      else if (hook === TIMER) batch.add(this.#runTimer(batch, items[index + 2] as number))
      else if (hook >= SHORT_PUBLISH) {
        const flags = hook - SHORT_PUBLISH
        const event = { topic: items[index + 2], qos: flags >> 1, retain: (flags & 1) === 1 }
        batch.add(this.#answer(batch, AUTHORIZE_PUBLISH, this.#about(subject, event)))
      } else batch.add(this.#answer(batch, hook, this.#about(subject, items[index + 2] as Plain)))
      batch.places += 1
    }
  }

  #about(subject: number, event: Plain): Plain {
    if (subject !== 0) event['client'] = this.#subjects[subject]
    return event
  }

  /** The answer with its comma, or '' if a promise left a hole for it. */
  #answer(batch: Batch, number: number, event: Plain): string {
    // an undeclared hook would be the host's bug: calling undefined throws, and the question ends as a fault
    const hook = this.#hooks[number] as Hook
    const call = this.#newCall()
    try {
      const withBytes = this.#bytes || number === AUTHENTICATE
      const frozen = withBytes ? freezeEventWithBytes(event) : freezeEvent(event, number)
      return this.#settle(batch, call, number, hook(frozen, this.#contextOf(call)))
    } catch (thrown) {
      return this.#failed(call, thrown)
    }
  }

  #runTimer(batch: Batch, timer: number): string {
    const run = this.#timers.due(timer)
    if (run === undefined) return ',0'
    const call = this.#newCall()
    try {
      return this.#settle(batch, call, FIRST_TELLER, run(this.#contextOf(call)))
    } catch (thrown) {
      return this.#failed(call, thrown)
    }
  }

  #newCall(): Call | undefined {
    this.#log.budget = this.#settings.limits.logsPerCall
    return this.#shared === undefined ? new Call(this.#settings.limits) : undefined
  }

  #contextOf(call: Call | undefined): object {
    return this.#shared ?? this.#contexts.of(call as Call)
  }

  #failed(call: Call | undefined, thrown: unknown): string {
    if (call !== undefined) this.#outbox.end(call, undefined)
    return `,${this.#threw(thrown)}`
  }

  #settle(batch: Batch, call: Call | undefined, number: number, value: unknown): string {
    if (isThenable(value)) {
      this.#await(batch, call, number, value)
      return ''
    }
    const answer = number < FIRST_TELLER ? this.#writer.write(value, number) : '0'
    if (call !== undefined) this.#outbox.end(call, isAnswer(answer) ? batch.places : undefined)
    return `,${answer}`
  }

  /** Only native promises are waited for: somebody else's `then` is a way to be called at any time. */
  #await(batch: Batch, call: Call | undefined, number: number, promise: object): void {
    const fill = batch.leaveHole(call, (late, answer, endedWell) =>
      this.#waiting.settle(late, answer, endedWell),
    )
    try {
      whenSettled(
        promise,
        (value) => this.#fulfilled(fill, number, value),
        (reason) => fill(this.#threw(reason), false),
      )
    } catch {
      fill(faultJson('bad-verdict', THENABLE, this.#detailChars), false)
    }
  }

  #fulfilled(fill: Fill, number: number, value: unknown): void {
    try {
      const answer = number < FIRST_TELLER ? this.#writer.write(value, number) : '0'
      fill(answer, isAnswer(answer))
    } catch (thrown) {
      fill(this.#threw(thrown), false)
    }
  }

  #threw(thrown: unknown): string {
    return faultJson('threw', describeThrown(thrown, this.#detailChars), this.#detailChars)
  }

  #side(): string {
    return this.#outbox.take() + this.#log.take()
  }

  #loaded(loading: Loading): string {
    const canWait = this.#canWait
    this.#loading = undefined
    return loading.text(
      canWait,
      (call) => this.#waiting.add(call),
      () => this.#side(),
    )
  }
}

type Plain = Record<string, unknown>

function isThenable(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

/** So many questions may pass between two looks at the clock. */
const MOST_UNTIMED = 8
const THENABLE = 'the hook returned a thenable that is no native promise'
const NOTHING_LOADED = '{"e":"nothing is loaded"}'
