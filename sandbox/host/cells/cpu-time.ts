import { processTree, statFields } from './process-tree.ts'

/** Linux counts in these everywhere that Node runs (USER_HZ). */
const TICKS_PER_SECOND = 100

/**
 * The CPU time in ms that a process and its descendants have used, or undefined where the system does not
 * tell. It is how an innocent cell on a loaded machine is told from one that burns.
 *
 * @param tree the process and its descendants, for who has looked already.
 */
export function cpuTimeMs(pid: number, tree: readonly number[] = processTree(pid)): number | undefined {
  const times = tree.map(ownTicks)
  if (times[0] === undefined) return undefined
  const ticks = times.reduce<number>((sum, own) => sum + (own ?? 0), 0)
  return (ticks * 1000) / TICKS_PER_SECOND
}

function ownTicks(pid: number): number | undefined {
  const fields = statFields(pid)
  const ticks = Number(fields?.[11]) + Number(fields?.[12])
  return Number.isFinite(ticks) ? ticks : undefined
}
