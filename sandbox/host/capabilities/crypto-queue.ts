import { COSTLY_AT_ONCE, COSTLY_PER_TENANT, COSTLY_WAITING, COSTLY_WAITING_PER_TENANT } from '../../limits.ts'
import { Refusal } from './power.ts'

/** One tenant's work: what runs, and what waits in order. */
interface Line {
  running: number
  readonly waiting: Set<() => void>
}

/**
 * Lets so much costly work run at once in the whole process, tenants taking turns. Work that has begun cannot
 * be stopped: it keeps its place until it is done, even if nobody waits any more.
 */
export class CostlyQueue {
  readonly #lines: Map<string, Line> = new Map()
  #running = 0
  #waiting = 0

  /**
   * Runs `work` when it is its tenant's turn.
   *
   * @param signal aborted: work that still waits never begins.
   * @throws Refusal `limit` if too much waits, `unavailable` if nobody waits for it any more.
   */
  async run<T>(tenant: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(tenant) ?? { running: 0, waiting: new Set() }
    if (line.waiting.size >= COSTLY_WAITING_PER_TENANT || this.#waiting >= COSTLY_WAITING) {
      throw new Refusal('limit', 'too many password checks are waiting')
    }
    this.#lines.set(tenant, line)
    await this.#turn(tenant, line, signal)
    try {
      return await work()
    } finally {
      this.#running -= 1
      line.running -= 1
      // behind all others now
      this.#lines.delete(tenant)
      this.#lines.set(tenant, line)
      this.#forget(tenant, line)
      this.#next()
    }
  }

  #turn(tenant: string, line: Line, signal: AbortSignal): Promise<void> {
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
      this.#forget(tenant, line)
      reject(new Refusal('unavailable', 'nobody waits for the answer any more'))
    }
    line.waiting.add(start)
    this.#waiting += 1
    if (signal.aborted) abandon()
    else signal.addEventListener('abort', abandon)
    this.#next()
    return promise
  }

  /** Whoever has nothing here any more is not remembered. */
  #forget(tenant: string, line: Line): void {
    if (line.running === 0 && line.waiting.size === 0) this.#lines.delete(tenant)
  }

  /** Starts what may start: of each tenant the first, beginning with the tenant that waits longest. */
  #next(): void {
    for (const line of this.#lines.values()) {
      if (this.#running >= COSTLY_AT_ONCE) return
      const [start] = line.waiting
      if (start === undefined || line.running >= COSTLY_PER_TENANT) continue
      this.#running += 1
      line.running += 1
      start()
    }
  }
}

/** The thread pool is the process's, so that its queue is too. */
export const COSTLY_WORK: CostlyQueue = new CostlyQueue()
