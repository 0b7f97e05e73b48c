import { readdirSync, readFileSync } from 'node:fs'
import { TREE_PROCESSES } from '../../limits.ts'

/**
 * A process and all that descend from it, Linux only: what is launched may be a wrapper (`bwrap`,
 * `unshare --fork`) behind which the cell runs, and memory and time are used by the latter.
 *
 * At most TREE_PROCESSES: no jail of ours has more, so that a larger tree is none that needs to be complete.
 */
export function processTree(pid: number): readonly number[] {
  const found = [pid]
  // the list grows while it is walked
  for (let next = 0; next < found.length && found.length < TREE_PROCESSES; next += 1) {
    found.push(...childrenOf(found[next] ?? 0))
  }
  return found.slice(0, TREE_PROCESSES)
}

/** One field list of /proc/PID/stat from the state on, or undefined where the process, or /proc, is not. */
export function statFields(pid: number): readonly string[] | undefined {
  const stat = readProc(pid, 'stat')
  // the second field is the name in parentheses, which may itself hold anything: count from its end
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** The text of /proc/PID/FILE, or undefined where the process ended meanwhile, or the system has none. */
export function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return undefined
  }
}

/**
 * Wrappers have one thread, and the cell starts no process: the children of the first thread are all. A
 * kernel without the list is asked the long way.
 */
function childrenOf(pid: number): readonly number[] {
  const list = readProc(pid, `task/${pid}/children`)
  if (list !== undefined) return list.split(' ').filter(Boolean).map(Number)
  return statFields(pid) === undefined ? [] : allProcesses().filter((each) => parentOf(each) === pid)
}

function allProcesses(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isSafeInteger)
}

function parentOf(pid: number): number {
  return Number(statFields(pid)?.[1])
}
