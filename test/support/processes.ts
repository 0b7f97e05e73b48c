import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** All processes that a process has started, and those that they have; Linux only. */
export function descendants(pid: number | undefined): readonly number[] {
  return children(pid).flatMap((child) => [child, ...descendants(child)])
}

/** The processes that a process has started itself; Linux only. */
export function children(pid: number | undefined): readonly number[] {
  const list = `/proc/${pid}/task/${pid}/children`
  if (!existsSync(list)) return []
  return readFileSync(list, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

/** What a process was started with; '' for one that has ended. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // it has ended between two looks
    return ''
  }
}

/** A zombie, which only waits to be reaped, runs no more. */
export function isRunning(pid: number): boolean {
  return statOf(pid) !== undefined
}

/** The processor time that a process has used, in clock ticks; 0 once it has ended. */
export function cpuTicks(pid: number): number {
  const stat = statOf(pid)
  return stat === undefined ? 0 : Number(stat[11]) + Number(stat[12])
}

/** The fields of /proc/PID/stat from the state on; undefined for a process that has ended. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}

/** Looks again and again until it holds: for what tells nobody. The test's own stop ends a wait in vain. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(10)
}
