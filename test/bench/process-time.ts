import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second, on every machine that Node runs on. */
const MICROS_PER_TICK = 10_000

interface Stat {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
}

/** CPU time of a process and of all its descendants, user and system, in microseconds. */
export function cpuMicros(root: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)))
  const family = new Set([root])
  // a child may have a smaller number than its parent, so once through the list is not enough
  for (let before = 0; before < family.size; ) {
    before = family.size
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid)
  }
  return all.filter(({ pid }) => family.has(pid)).reduce((sum, { ticks }) => sum + ticks * MICROS_PER_TICK, 0)
}

/** Nothing for a process that has just ended. */
function readStat(pid: number): Stat[] {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return []
    throw thrown
  }
  // the name is in brackets and may hold blanks and brackets: the fields are counted from behind it
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return [{ pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }]
}
