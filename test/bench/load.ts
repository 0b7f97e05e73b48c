import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Orders } from './rows.ts'

const run = promisify(execFile)
const CACHE = join(import.meta.dirname, '..', '..', '.cache')
/** What one run may take at most: a million messages, and a broker that writes all of them anew. */
const MOST_MS = 900_000

/** What the generator saw of one run. */
export interface Load {
  readonly perSec: number
  /** Done in all, the warm-up included. */
  readonly total: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

/** Compiles the load generator. @returns the path of the program. */
export async function compileGenerator(): Promise<string> {
  await mkdir(CACHE, { recursive: true })
  const program = join(CACHE, 'mqload')
  await run('cc', ['-O2', '-o', program, join(import.meta.dirname, 'mqload.c')])
  return program
}

/**
 * Lets the generator do a row's work.
 *
 * @param on the port of a broker; without one, the file that it writes by itself.
 */
export async function load(program: string, [mode, ...counts]: Orders, on: number | string): Promise<Load> {
  const { stdout } = await run(program, [mode, String(on), ...counts], { timeout: MOST_MS })
  const seen = JSON.parse(stdout) as Readonly<Record<string, number>>
  return {
    perSec: seen['delivered_per_s'] ?? seen['connects_per_s'] ?? seen['per_s'] ?? 0,
    total: seen['total'] ?? 0,
    p50Ms: seen['p50_ms'] ?? null,
    p99Ms: seen['p99_ms'] ?? null,
  }
}
