import type { Histogram } from '../../src/base/histogram.ts'
import type { Tally } from '../../src/base/tally.ts'
import type { Outcome } from '../outcome.ts'
import type { AskerName } from '../sdk/hooks.ts'

/** How questions of one hook ended. */
export interface HookCounts {
  readonly outcomes: Tally<Outcome>
  /** In seconds: from when each was asked until it was answered, whatever it waited for meanwhile. */
  readonly seconds: Histogram
}

/** What is counted of one plugin; numbers only grow. */
export interface PluginCounts {
  readonly questions: ReadonlyMap<AskerName, HookCounts>
  /** How long its cell worked at what it was given, in ms. */
  readonly workedMs: number
  readonly strikes: number
  readonly quarantines: number
  /** What it was not told, for want of room or time. */
  readonly tellersDropped: number
}

/** The processes of a host. */
export interface CellCounts {
  /** That run, or are about to. */
  readonly running: number
  /** Of these, the ones that wait for a tenant and are ready for it. */
  readonly spare: number
  /** How many may run at once. */
  readonly most: number
}
