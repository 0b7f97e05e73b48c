import type { LoadSettings } from '../wire/messages.ts'
import type { Call } from './call.ts'
import type { Outbox } from './outbox.ts'
import { emptyRecord, freeze } from './primordials.ts'
import { refusal } from './refusal.ts'

interface Running {
  readonly run: (context: object) => unknown
  readonly repeats: boolean
}

/** The plugin's timers. The host has the clocks, and tells by number which one is due. */
export class Timers {
  readonly #limits: LoadSettings['limits']
  readonly #outbox: Outbox
  readonly #running = emptyRecord<Running>()
  #count = 0
  #lastNumber = 0

  constructor(limits: LoadSettings['limits'], outbox: Outbox) {
    this.#limits = limits
    this.#outbox = outbox
  }

  /** How many may still fire. */
  get count(): number {
    return this.#count
  }

  /** `ctx.timers`. */
  facade(call: Call): object {
    return freeze({
      every: (ms: unknown, run: unknown) => this.#start(call, ms, run, true),
      after: (ms: unknown, run: unknown) => this.#start(call, ms, run, false),
    })
  }

  /** What is to be run now; undefined: it was cancelled while the host said so. */
  due(number: number): Running['run'] | undefined {
    const timer = this.#running[number]
    if (timer !== undefined && !timer.repeats) this.#forget(number)
    return timer?.run
  }

  #start(call: Call, ms: unknown, run: unknown, repeats: boolean): object {
    const { timers, timerMs, timerMostMs } = this.#limits
    if (call.ended) throw refusal('notAllowed', 'ctx.timers: the call that this ctx belongs to has ended')
    if (typeof run !== 'function') throw refusal('invalid', 'ctx.timers: the second argument is a function')
    if (typeof ms !== 'number' || !(ms >= timerMs && ms <= timerMostMs)) {
      throw refusal(
        'invalid',
        `ctx.timers: the first argument is a time from ${timerMs} to ${timerMostMs} ms`,
      )
    }
    if (this.#count >= timers) throw refusal('limit', `ctx.timers: a plugin may have ${timers} timers`)
    const number = (this.#lastNumber += 1)
    this.#outbox.order('timers', { op: repeats ? 'every' : 'after', timer: number, ms })
    this.#running[number] = { run: run as Running['run'], repeats }
    this.#count += 1
    return freeze({ cancel: () => this.#cancel(number) })
  }

  #cancel(number: number): void {
    if (this.#running[number] === undefined) return
    // this may be refused: then it goes on, here as over there
    this.#outbox.order('timers', { op: 'cancel', timer: number })
    this.#forget(number)
  }

  #forget(number: number): void {
    delete this.#running[number]
    this.#count -= 1
  }
}
