import { CELL_REST_MS, CELL_TURN_MS, CELL_USE_POLITE_MS } from '../../limits.ts'

/** A tenant that has a place, as far as it matters when somebody else wants it. */
export interface Resident {
  /** How long its cell has served; 0: it starts, or is about to end, and is not to be asked. */
  readonly servedMs: number
  /** How long its cell has had nothing to do; undefined: it works, or a timer runs in it. */
  readonly idleMs: number | undefined
  /** How much it has made its cells work lately, in ms: the more, the greedier. */
  readonly useMs: number
}

/**
 * Who makes room for a tenant that waits, of those whose turn is over: without that a place would be started
 * all the time and used never. Asked for it are
 *
 * 1. those that were asked nothing for as long as a turn takes, the longest of them first;
 * 2. those that are greedier than the one that waits, the greediest first;
 * 3. those that pause for a moment, the longest of them first; but nobody while a place has changed hands
 *    less than a turn ago: who came may turn out to be the greedy one.
 *
 * Nobody makes room for one that is greedier, unless its cell has been idle for CELL_REST_MS.
 *
 * @param waiterUseMs how much the one that waits has made its cells work lately.
 */
export function whoMakesRoom<Each extends Resident>(
  residents: readonly Each[],
  waiterUseMs: number,
): Each | undefined {
  const waiterGreedMs = greedOf(waiterUseMs)
  const served = residents.filter(({ servedMs }) => servedMs >= CELL_TURN_MS)
  const pausing = served.filter(
    ({ idleMs = -1, useMs }) => idleMs >= CELL_REST_MS || (idleMs >= 0 && greedOf(useMs) >= waiterGreedMs),
  )
  const longest = greatest(pausing, ({ idleMs = 0 }) => idleMs)
  if ((longest?.idleMs ?? 0) >= CELL_TURN_MS) return longest
  const greedier = served.filter(({ useMs }) => greedOf(useMs) > waiterGreedMs)
  const isSettled = served.length === residents.length
  return greatest(greedier, ({ useMs }) => useMs) ?? (isSettled ? longest : undefined)
}

/** Polite ones are alike: else a tenant that asks next to nothing would be waited for almost for ever. */
function greedOf(useMs: number): number {
  return Math.max(useMs, CELL_USE_POLITE_MS)
}

/** The first of those of which there is most. */
function greatest<Each>(all: readonly Each[], amount: (each: Each) => number): Each | undefined {
  return all.reduce<Each | undefined>(
    (best, each) => (best === undefined || amount(each) > amount(best) ? each : best),
    undefined,
  )
}

/**
 * In which order those that wait get a place: the politest first, and among alike ones who came first. Who
 * waits becomes politer by it, so that nobody waits behind others for ever.
 */
export function politestFirst<Each>(waiting: Iterable<Each>, useMs: (each: Each) => number): readonly Each[] {
  const known = Array.from(waiting, (each) => ({ each, ms: greedOf(useMs(each)) }))
  // sorting is stable
  return known.sort((one, other) => one.ms - other.ms).map(({ each }) => each)
}
