import { readFileSync } from 'node:fs'

/** Linux counts in these everywhere that Node runs (USER_HZ). */
const TICKS_PER_SECOND = 100

/**
 * The CPU time that a process has used, in ms, or undefined where the system does not tell. It is how an
 * innocent cell on a loaded machine is told from one that burns.
 */
export function cpuTimeMs(pid: number): number | undefined {
  const stat = readStat(pid)
  if (stat === undefined) return undefined
  // the second field is the name in parentheses, which may itself hold anything: count from its end
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return Number.isFinite(ticks) ? (ticks * 1000) / TICKS_PER_SECOND : undefined
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    // the process ended meanwhile, or this is no Linux
    return undefined
  }
}
