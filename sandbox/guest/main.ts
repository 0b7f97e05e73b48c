import { DEFINE, ENTER, FORGET, type LoadSettings, PENDING, SHORT_PUBLISH } from '../wire/messages.ts'
import { AnswerWriter } from './answer.ts'
import { Batch } from './batch.ts'
import { createContext } from './context.ts'
import { describeThrown, faultJson } from './describe-fault.ts'
import { freezeEvent, freezeEventWithBytes } from './event.ts'
import { harden } from './harden.ts'
import { GuestLog } from './log.ts'
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
import {
  emptyRecord,
  freeze,
  indexInText,
  now,
  parseJson,
  sliceText,
  toJson,
  whenSettled,
} from './primordials.ts'

/**
 * The trusted half of an isolate. The cell calls `enter` with a number and a text and gets a text back; it
 * never holds anything else of this realm. All that runs plugin code runs inside that call, under its time
 * limit.
 */
class Guest {
  readonly #settings: LoadSettings
  readonly #bytes: boolean
  readonly #detailChars: number
  readonly #log: GuestLog
  readonly #writer: AnswerWriter
  readonly #context: object
  readonly #subjects: Record<number, object | undefined> = emptyRecord()
  #hooks: HookTable = emptyRecord()
  #batch: Batch | undefined
  /** While `load` or `probe` runs: what went wrong, as soon as something did. */
  #failure = ''

  constructor(settings: LoadSettings) {
    this.#settings = settings
    this.#bytes = settings.bytes
    this.#detailChars = settings.limits.detailChars
    this.#log = new GuestLog(settings.limits, settings.log)
    this.#log.installConsole()
    this.#log.budget = settings.limits.logsPerCall
    this.#writer = new AnswerWriter(settings.limits)
    this.#context = createContext(settings, this.#log)
  }

  /** Evaluates the plugin, takes its hooks, runs its `setup`. */
  load(code: string): string {
    try {
      const plugin = evaluatePlugin(code)
      this.#hooks = takeHooks(plugin, this.#settings)
      const setup = takeSetup(plugin)
      const done = setup?.(this.#context)
      if (!isThenable(done)) return this.#loaded()
      this.#failure = 'setup returned a promise that cannot settle'
      const settled = (failure: string): void => {
        this.#failure = failure
      }
      whenSettled(
        done,
        () => settled(''),
        (reason) => settled(describeThrown(reason, this.#detailChars)),
      )
      return PENDING
    } catch (thrown) {
      this.#failure = describeThrown(thrown, this.#detailChars)
      return this.#loaded()
    }
  }

  probe(code: string): string {
    try {
      return `{"m":${toJson(probePlugin(evaluatePlugin(code)))}}`
    } catch (thrown) {
      this.#failure = describeThrown(thrown, this.#detailChars)
      return this.#loaded()
    }
  }

  /**
   * A jitless engine feels every call and every look at a field: the question that is asked most is answered
   * in this loop, from locals; what is rarer takes the longer way.
   */
  ask(text: string): string {
    const items = parseJson(text) as readonly unknown[]
    const { batchMs, answersChars, logsPerCall } = this.#settings.limits
    const batch = new Batch(this.#detailChars)
    const publish = this.#hooks[AUTHORIZE_PUBLISH] as Hook
    const context = this.#context
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
      if (hook >= SHORT_PUBLISH && begun) {
        log.budget = logsPerCall
        try {
          const client = subjects[items[index + 1] as number]
          const flags = hook - SHORT_PUBLISH
          const event = { client, topic: items[index + 2], qos: flags >> 1, retain: (flags & 1) === 1 }
          const value = publish(freeze(event), context)
          if (value === writer.allow) batch.text += ',1'
          else {
            batch.text += this.#settle(batch, AUTHORIZE_PUBLISH, value)
            nextLook = 0 // whatever is more than a number counts towards the answers' length at once
          }
        } catch (thrown) {
          batch.text += `,${this.#threw(thrown)}`
        }
      } else this.#rarer(batch, items, index, begun)
      if (index < nextLook) continue
      // the clock is not looked at for every question of a plugin whose questions take no time
      const spentMs = now() - startedAt
      begun = begun && spentMs < batchMs && batch.length < answersChars
      stride = spentMs === 0 && stride < MOST_UNTIMED ? stride * 2 : 1
      nextLook = index + 3 * stride
    }
    return this.#end(batch)
  }

  #rarer(batch: Batch, items: readonly unknown[], index: number, begun: boolean): void {
    const hook = items[index] as number
    const subject = items[index + 1] as number
    const event = items[index + 2] as Record<string, unknown>
    if (hook === DEFINE) this.#subjects[subject] = freezeEvent(event, hook)
    else if (hook === FORGET) delete this.#subjects[subject]
    else if (begun) {
      if (subject !== 0) event['client'] = this.#subjects[subject]
      batch.text += this.#answer(batch, hook, event)
    } else batch.text += ',-1'
  }

  /** The last call of a plugin: what it logs is all that is left of it. */
  close(): string {
    const batch = new Batch(this.#detailChars)
    if (this.#hooks[ON_CLOSE] !== undefined) batch.text += this.#answer(batch, ON_CLOSE, {})
    return this.#end(batch)
  }

  /** The rest of a crossing that left promises: their reactions have run by now. */
  collect(): string {
    const batch = this.#batch
    if (batch === undefined) return this.#loaded()
    this.#batch = undefined
    const answers = batch.collect()
    const side = this.#log.take()
    return side === '' ? `[${answers}]` : `{"a":[${answers}]${side}}`
  }

  /** Without promises that is all; with them, their reactions run when this crossing ends. */
  #end(batch: Batch): string {
    this.#batch = batch
    if (batch.holes === 0) return this.collect()
    this.#log.budget = batch.holes * this.#settings.limits.logsPerCall
    return PENDING
  }

  /** The answer with its comma, or '' if a promise left a hole for it. */
  #answer(batch: Batch, number: number, event: Record<string, unknown>): string {
    this.#log.budget = this.#settings.limits.logsPerCall
    const writer = this.#writer
    // an undeclared hook would be the host's bug: calling undefined throws, and the question ends as a fault
    const hook = this.#hooks[number] as Hook
    try {
      const withBytes = this.#bytes || number === AUTHENTICATE
      const value = hook(withBytes ? freezeEventWithBytes(event) : freezeEvent(event, number), this.#context)
      return value === writer.allow ? ',1' : this.#settle(batch, number, value)
    } catch (thrown) {
      return `,${this.#threw(thrown)}`
    }
  }

  #settle(batch: Batch, number: number, value: unknown): string {
    if (isThenable(value)) {
      this.#await(batch, number, value)
      return ''
    }
    return number < FIRST_TELLER ? `,${this.#writer.write(value)}` : ',0'
  }

  /** Only native promises are waited for: somebody else's `then` is a way to be called at any time. */
  #await(batch: Batch, number: number, promise: object): void {
    const fill = batch.leaveHole()
    const fulfilled = (value: unknown): void => {
      try {
        fill(number < FIRST_TELLER ? this.#writer.write(value) : '0')
      } catch (thrown) {
        fill(this.#threw(thrown))
      }
    }
    try {
      whenSettled(promise, fulfilled, (reason) => fill(this.#threw(reason)))
    } catch {
      fill(
        faultJson('bad-verdict', 'the hook returned a thenable that is no native promise', this.#detailChars),
      )
    }
  }

  #threw(thrown: unknown): string {
    return faultJson('threw', describeThrown(thrown, this.#detailChars), this.#detailChars)
  }

  #loaded(): string {
    const side = this.#log.take()
    const failure = this.#failure === '' ? '' : `,"e":${toJson(this.#failure)}`
    return `{${sliceText(failure + side, 1)}}`
  }
}

function isThenable(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

/** So many questions may pass between two looks at the clock. */
const MOST_UNTIMED = 8

let guest: Guest | undefined

/**
 * The isolate's only door: the cell takes this function by reference. `load` and `probe` carry a line of
 * settings, then code.
 */
export function enter(operation: number, text: string): string {
  if (operation === ENTER.load || operation === ENTER.probe) {
    const end = indexInText(text, '\n')
    guest = new Guest(parseJson(sliceText(text, 0, end)) as LoadSettings)
    const code = sliceText(text, end + 1)
    return operation === ENTER.load ? guest.load(code) : guest.probe(code)
  }
  if (guest === undefined) return '{"e":"nothing is loaded"}'
  if (operation === ENTER.ask) return guest.ask(text)
  return operation === ENTER.close ? guest.close() : guest.collect()
}

harden()
