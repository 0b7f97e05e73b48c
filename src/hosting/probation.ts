import type { PluginHandle } from '../../sandbox/index.ts'
import { PROBATION } from '../base/limits.ts'

/** A plugin as far as it is watched. */
export type Watched = Pick<PluginHandle, 'counts' | 'state'>

/** How calls end that are no fault of the plugin's: it was not asked, or not long enough. */
const NOT_ITS_FAULT: ReadonlySet<string> = new Set(['ok', 'stopped', 'loading', 'overload', 'throttled'])

/**
 * Watches a version that has just taken over: one that is quarantined, or that fails more of its questions
 * than it may, is told of once, and its watch ends. What it has counted before does not count.
 */
export class Probation {
  readonly #plugin: Watched
  readonly #failed: (why: string) => void
  readonly #until = performance.now() + PROBATION.ms
  readonly #timer: NodeJS.Timeout

  constructor(plugin: Watched, failed: (why: string) => void) {
    this.#plugin = plugin
    this.#failed = failed
    this.#timer = setInterval(() => this.#look(), PROBATION.lookMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const why = faultOf(this.#plugin)
    if (why === null && performance.now() < this.#until) return
    this.stop()
    if (why !== null) this.#failed(why)
  }
}

/** What is wrong with a plugin; null: it does well, or too little is known of it. */
export function faultOf({ counts, state }: Watched): string | null {
  if (state === 'quarantined') return 'it is quarantined for its faults'
  if (state === 'failed') return 'it does not activate any more'
  let [asked, failed] = [0, 0]
  for (const { outcomes } of counts.questions.values())
    for (const [outcome, count] of outcomes) {
      asked += count
      if (!NOT_ITS_FAULT.has(outcome)) failed += count
    }
  if (asked < PROBATION.leastQuestions || failed / asked <= PROBATION.mostFaultShare) return null
  return `${failed} of ${asked} questions failed`
}
