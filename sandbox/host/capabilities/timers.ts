import { TIMER_MOST_MS, TIMER_MS, TIMERS } from '../../limits.ts'
import { isObject } from '../fields.ts'
import { type Power, Refusal } from './power.ts'

/**
 * The clocks of one plugin's timers: `{ op: 'every' | 'after', timer, ms }`, `{ op: 'cancel', timer }`. What
 * they run is in the isolate; here is when. They end with it.
 */
export class TimersPower implements Power {
  readonly #due: (timer: number) => boolean
  readonly #running: Map<number, NodeJS.Timeout> = new Map()

  /** @param due is called with the number of the timer that is due; false: there is no room for it now. */
  constructor(due: (timer: number) => boolean) {
    this.#due = due
  }

  /** How many run: they keep the cell awake. */
  get count(): number {
    return this.#running.size
  }

  order(argument: unknown): void {
    if (!isObject(argument)) throw new Refusal('invalid', 'ctx.timers: no such operation')
    const { op, timer, ms } = argument
    if (typeof timer !== 'number' || !Number.isSafeInteger(timer)) {
      throw new Refusal('invalid', 'ctx.timers: a timer has a number')
    }
    this.#stop(timer)
    if (op === 'cancel') return
    if (op !== 'every' && op !== 'after') throw new Refusal('invalid', 'ctx.timers: no such operation')
    if (typeof ms !== 'number' || !(ms >= TIMER_MS && ms <= TIMER_MOST_MS)) {
      throw new Refusal('invalid', `ctx.timers: a time is from ${TIMER_MS} to ${TIMER_MOST_MS} ms`)
    }
    if (this.#running.size >= TIMERS) throw new Refusal('limit', `ctx.timers: at most ${TIMERS} run`)
    this.#running.set(timer, op === 'every' ? this.#every(timer, ms) : this.#after(timer, ms))
  }

  /** The isolate is gone, and what its timers would run with it. */
  close(): void {
    for (const timer of this.#running.keys()) this.#stop(timer)
  }

  #every(timer: number, ms: number): NodeJS.Timeout {
    return setInterval(() => this.#due(timer), ms).unref()
  }

  #after(timer: number, ms: number): NodeJS.Timeout {
    const once = (): void => {
      if (this.#due(timer)) this.#running.delete(timer)
      else this.#running.set(timer, this.#after(timer, TIMER_MS))
    }
    return setTimeout(once, ms).unref()
  }

  #stop(timer: number): void {
    clearTimeout(this.#running.get(timer))
    this.#running.delete(timer)
  }
}
