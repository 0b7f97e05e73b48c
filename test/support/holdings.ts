import { readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { descendants } from './processes.ts'

/** What this process holds of the machine; Linux only. */
export interface Holdings {
  readonly processes: number
  readonly descriptors: number
  readonly threads: number
  /** Resident after garbage was collected. */
  readonly residentMiB: number
}

export function holdings(): Holdings {
  collectGarbage()
  return {
    processes: descendants(process.pid).length,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    residentMiB: process.memoryUsage.rss() / 2 ** 20,
  }
}

export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}
