import { setImmediate } from 'node:timers'
import { assert } from './assert.ts'
import { RingBuffer } from './ring-buffer.ts'

/** Work that can stop where its time is used up, and go on in a later turn. */
export interface Divisible {
  /**
   * Goes on, until it is done or {@link WorkTurns.spend} says that its time is used up.
   *
   * @returns true: there is more of it, and it keeps its place before what else its owner waits for.
   */
  goOn(): boolean
}

/** Work as steps, each of which yields what it cost. */
export type Steps = Generator<number, void>

export interface WorkTurnsLimits {
  /** After so much work in one turn of the event loop no more is begun. */
  readonly turnMs: number
  /** After so much of one owner's the next one has its turn. */
  readonly sliceMs: number
  /** The clock is looked at when so much was spent: reading it after each small packet would cost more. */
  readonly lookCost: number
  /** So many pieces of one owner's work wait at most. */
  readonly waitingPerOwner: number
}

/**
 * What is done on clients' account: reading their packets, sending what was decided. All of it shares the
 * time of a turn. While there is enough, work is done where it comes up; past that it waits, and is done a
 * little a turn, owner by owner: who sends much, or what costs much, delays itself and nobody else.
 *
 * Time, not a count: one packet may cost a thousand times what another of its length does, by its properties,
 * its filters, the plugins that hear of it and the clients that receive it.
 */
export class WorkTurns {
  readonly #limits: WorkTurnsLimits
  readonly #clock: () => number
  /** What waits, by owner. The next owner is the first one; who has had its turn goes behind the others. */
  readonly #waiting = new Map<string, RingBuffer<Divisible>>()
  #isScheduled = false
  #isWorking = false
  /** Whether the time of this turn, or of the slice under way, is used up. */
  #isOver = false
  #until = 0
  #uncounted = 0

  /** @param clock monotonic, in ms. */
  constructor(limits: WorkTurnsLimits, clock: () => number = () => performance.now()) {
    assert(limits.sliceMs <= limits.turnMs, 'a slice is part of a turn')
    this.#limits = limits
    this.#clock = clock
  }

  /** @returns false: others wait already, or the time is used up: what comes up now is to {@link wait}. */
  begin(): boolean {
    if (this.#isWorking) return !this.#isOver
    if (this.#isScheduled) return !this.#isOver && this.#waiting.size === 0
    this.#allow(this.#clock() + this.#limits.turnMs)
    this.#schedule()
    return true
  }

  /** Counts what was done. @returns false: the time is used up, and nothing more is to be begun. */
  spend(cost: number): boolean {
    this.#uncounted += cost
    if (this.#uncounted < this.#limits.lookCost) return !this.#isOver
    this.#uncounted = 0
    if (!this.#isOver && this.#clock() >= this.#until) this.#isOver = true
    return !this.#isOver
  }

  /** @returns false: too much of this owner's waits already, and the work is to be done at once. */
  wait(owner: string, work: Divisible): boolean {
    let queue = this.#waiting.get(owner)
    if (queue === undefined) {
      queue = new RingBuffer<Divisible>(this.#limits.waitingPerOwner)
      this.#waiting.set(owner, queue)
    }
    this.#schedule()
    return queue.push(work)
  }

  /** Does the steps: now as far as there is time, the rest later. Those of one owner are done in order. */
  run(owner: string, steps: Steps): void {
    const work = new Stepwise(this, steps)
    const isFree = !this.#waiting.has(owner) && this.begin()
    if (isFree && !work.goOn()) return
    if (!this.wait(owner, work)) work.finish()
  }

  /** As {@link run}. @returns when all of it is done. */
  runToEnd(owner: string, steps: Steps): Promise<void> {
    return new Promise((resolve) => this.run(owner, andThen(steps, resolve)))
  }

  #allow(until: number): void {
    this.#until = until
    this.#isOver = false
    this.#uncounted = 0
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#turn)
  }

  /** A turn is over: what waits has the next one. */
  readonly #turn = (): void => {
    this.#isScheduled = false
    this.#isOver = false
    if (this.#waiting.size === 0) return
    this.#isWorking = true
    const end = this.#clock() + this.#limits.turnMs
    for (let now = 0; now < end; now = this.#clock()) {
      const [next] = this.#waiting
      if (next === undefined) break
      this.#allow(this.#clock() + this.#limits.sliceMs)
      this.#slice(...next)
    }
    this.#isWorking = false
    if (this.#waiting.size === 0) return
    this.#isOver = true
    this.#schedule()
  }

  #slice(owner: string, queue: RingBuffer<Divisible>): void {
    // the owner keeps its entry meanwhile: what comes up for it now goes behind what waits
    for (let work = queue.peek(); work !== undefined && !this.#isOver; work = queue.peek()) {
      if (work.goOn()) break
      queue.shift()
    }
    this.#waiting.delete(owner)
    if (queue.length > 0) this.#waiting.set(owner, queue)
  }
}

function* andThen(steps: Steps, done: () => void): Steps {
  yield* steps
  done()
}

class Stepwise implements Divisible {
  readonly #turns: WorkTurns
  readonly #steps: Steps

  constructor(turns: WorkTurns, steps: Steps) {
    this.#turns = turns
    this.#steps = steps
  }

  goOn(): boolean {
    for (;;) {
      const { done, value } = this.#steps.next()
      if (done === true) return false
      if (!this.#turns.spend(value)) return true
    }
  }

  finish(): void {
    let isDone = false
    while (!isDone) isDone = this.#steps.next().done === true
  }
}
