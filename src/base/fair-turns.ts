import { setImmediate } from 'node:timers'
import { RingBuffer } from './ring-buffer.ts'

/**
 * Work of strangers that reads much: done a little a turn of the event loop, and owner by owner, so that who
 * asks for a lot delays itself and nobody else.
 */
export class FairTurns {
  readonly #turnMs: number
  readonly #waitingPerOwner: number
  /** The next owner is the first one; who has had its turn goes behind the others. */
  readonly #queues = new Map<string, RingBuffer<() => void>>()
  #scheduled = false

  /**
   * @param turnMs after so much work no more is begun in a turn.
   * @param waitingPerOwner so much of one owner's waits at most.
   */
  constructor(turnMs: number, waitingPerOwner: number) {
    this.#turnMs = turnMs
    this.#waitingPerOwner = waitingPerOwner
  }

  /** @returns what comes of the work; undefined: too much of this owner's waits already. */
  run<Result>(owner: string, work: () => Result): Promise<Result> | undefined {
    let queue = this.#queues.get(owner)
    if (queue === undefined) {
      queue = new RingBuffer<() => void>(this.#waitingPerOwner)
      this.#queues.set(owner, queue)
    }
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const isTaken = queue.push(() => {
      try {
        resolve(work())
      } catch (error) {
        reject(error)
      }
    })
    if (!isTaken) return undefined
    this.#schedule()
    return promise
  }

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return this.#queues.size === 0
  }

  /** Does at once all that waits, for there will be no more turns: the process ends. */
  finish(): void {
    while (this.#next());
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    this.#scheduled = false
    const until = performance.now() + this.#turnMs
    while (this.#next() && performance.now() < until);
    if (this.#queues.size > 0) this.#schedule()
  }

  /** Does what the next owner waits for longest. @returns false: nothing waits. */
  #next(): boolean {
    const [next] = this.#queues
    if (next === undefined) return false
    const [owner, queue] = next
    this.#queues.delete(owner)
    const work = queue.shift()
    if (queue.length > 0) this.#queues.set(owner, queue)
    work?.()
    return true
  }
}
