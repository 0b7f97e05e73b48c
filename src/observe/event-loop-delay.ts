import { monitorEventLoopDelay } from 'node:perf_hooks'
import { LOOP_DELAY } from '../base/limits.ts'

/** How late the event loop was, in seconds. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
}

/** Watches how late the event loop is. What is told is of a span of time: two who ask do not disturb it. */
export class EventLoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: LOOP_DELAY.resolutionMs })
  #since = performance.now()
  #last: LoopDelay = { p50: 0, p99: 0 }

  start(): void {
    this.#since = performance.now()
    this.#histogram.enable()
  }

  stop(): void {
    this.#histogram.disable()
  }

  /** Of the last span that has passed, or of the first one so far. */
  read(): LoopDelay {
    const now = performance.now()
    const isOver = now - this.#since >= LOOP_DELAY.spanMs
    if (!isOver && this.#last.p99 > 0) return this.#last
    const late = (percentile: number): number =>
      Math.max(0, this.#histogram.percentile(percentile) / 1e9 - LOOP_DELAY.resolutionMs / 1000)
    const read = this.#histogram.count === 0 ? this.#last : { p50: late(50), p99: late(99) }
    if (isOver) {
      this.#last = read
      this.#since = now
      this.#histogram.reset()
    }
    return read
  }
}
