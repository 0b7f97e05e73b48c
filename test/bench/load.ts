import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Row } from './rows.ts'

const run = promisify(execFile)
const CACHE = join(import.meta.dirname, '..', '..', '.cache')
/** What a run may take beyond its seconds: connecting, warming up. */
const GRACE_MS = 30_000

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

/** Lets the generator do a row's work on a broker. */
export async function load(program: string, row: Row, port: number, seconds: number): Promise<Load> {
  const [mode, ...counts] = row.load
  const { stdout } = await run(program, [mode, String(port), ...counts, String(seconds)], {
    timeout: seconds * 2000 + GRACE_MS,
  })
  const seen = JSON.parse(stdout) as Readonly<Record<string, number>>
  return {
    perSec: seen['delivered_per_s'] ?? seen['connects_per_s'] ?? 0,
    total: seen['total'] ?? 0,
    p50Ms: seen['p50_ms'] ?? null,
    p99Ms: seen['p99_ms'] ?? null,
  }
}
