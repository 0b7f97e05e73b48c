import { pbkdf2 } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { descendants } from './processes.ts'

/** More than Node's pool has threads, each busy for long enough that the next task needs another. */
const POOL = 16
const POOL_ROUNDS = 20_000

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

/** Node makes the threads of its pool as it needs them, and keeps them: these are no leak. */
export async function fillThreadPool(): Promise<void> {
  const work = promisify(pbkdf2)
  await Promise.all(Array.from({ length: POOL }, () => work('', '', POOL_ROUNDS, 8, 'sha256')))
}

export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}
