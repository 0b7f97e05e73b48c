/** How much of a {@link FairQueue} there is. */
export interface FairQueueBounds {
  /** What runs at once … */
  readonly atOnce: number
  /** … and of one owner. */
  readonly atOncePerOwner: number
  /** What waits … */
  readonly waiting: number
  /** … and of one owner. */
  readonly waitingPerOwner: number
}

/** Why work never began: too much waits, or nobody waits for it any more. */
export type NeverBegan = 'full' | 'abandoned'

/** One owner's work: what runs, and what waits in order. */
interface Line {
  running: number
  readonly waiting: Set<() => void>
}

/**
 * Lets so much slow work run at once, its owners taking turns. Work that has begun cannot be stopped: it
 * keeps its place until it is done, even if nobody waits any more.
 */
export class FairQueue {
  readonly #bounds: FairQueueBounds
  readonly #refusal: (why: NeverBegan) => Error
  readonly #lines: Map<string, Line> = new Map()
  #running = 0
  #waiting = 0

  /** @param refusal what {@link run} throws for work that never began. */
  constructor(bounds: FairQueueBounds, refusal: (why: NeverBegan) => Error) {
    this.#bounds = bounds
    this.#refusal = refusal
  }

  /**
   * Runs `work` when it is its owner's turn.
   *
   * @param signal aborted: work that still waits never begins.
   */
  async run<T>(owner: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(owner) ?? { running: 0, waiting: new Set() }
    if (line.waiting.size >= this.#bounds.waitingPerOwner || this.#waiting >= this.#bounds.waiting) {
      throw this.#refusal('full')
    }
    this.#lines.set(owner, line)
    await this.#turn(owner, line, signal)
    try {
      return await work()
    } finally {
      this.#running -= 1
      line.running -= 1
      // behind all others now
      this.#lines.delete(owner)
      this.#lines.set(owner, line)
      this.#forget(owner, line)
      this.#next()
    }
  }

  #turn(owner: string, line: Line, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = (): void => {
      line.waiting.delete(start)
      this.#waiting -= 1
      signal.removeEventListener('abort', abandon)
    }
    const start = (): void => {
      leave()
      resolve()
    }
    const abandon = (): void => {
      leave()
      this.#forget(owner, line)
      reject(this.#refusal('abandoned'))
    }
    line.waiting.add(start)
    this.#waiting += 1
    if (signal.aborted) abandon()
    else signal.addEventListener('abort', abandon)
    this.#next()
    return promise
  }

  /** Whoever has nothing here any more is not remembered. */
  #forget(owner: string, line: Line): void {
    if (line.running === 0 && line.waiting.size === 0) this.#lines.delete(owner)
  }

  /** Starts what may start: of each owner the first, beginning with the owner that waits longest. */
  #next(): void {
    for (const line of this.#lines.values()) {
      if (this.#running >= this.#bounds.atOnce) return
      const [start] = line.waiting
      if (start === undefined || line.running >= this.#bounds.atOncePerOwner) continue
      this.#running += 1
      line.running += 1
      start()
    }
  }
}
