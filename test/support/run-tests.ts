/**
 * `npm test`: every test of the house, or those that the command line names. Options go through to Node's
 * runner, as in `npm test -- --test-name-pattern=QoS test/src/router`.
 */
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { processesOf, programOf } from './shared-processes.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const EVERYTHING = ['test/**/*.test.ts', 'plugins-examples/**/*.test.ts']
// dozens of processes load the same modules: their types are stripped once
const COMPILED = join(ROOT, 'node_modules', '.cache', 'compiled')
// a test that hangs is to fail with its name, long before anybody stops the whole run
const STOP_MS = 120_000
// so is a process whose loop is blocked: the runner names what it is in when it is asked to end
const RUN_STOP_MS = 3_600_000
// much of a run waits for others, or for a clock; more at once starve each other
const AT_ONCE = availableParallelism() + 1

const given = process.argv.slice(2)
const options = given.filter((argument) => argument.startsWith('-'))
const places = given.filter((argument) => !argument.startsWith('-'))
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-tests-'))

const child = spawn(
  process.execPath,
  [
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${AT_ONCE}`,
    `--test-timeout=${STOP_MS}`,
    ...options,
    ...(places.length === 0 ? everything() : places.map(globOf)),
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: COMPILED, ...process.env },
    ...(places.length === 0 ? { timeout: RUN_STOP_MS, killSignal: 'SIGINT' } : {}),
  },
)
child.on('exit', (code) => {
  rmSync(folder, { recursive: true })
  process.exitCode = code ?? 1
})

/** A folder stands for all tests in it. */
function globOf(place: string): string {
  return place.endsWith('.ts') ? place : join(place, '**', '*.test.ts')
}

function everything(): string[] {
  const files = globSync(EVERYTHING, { cwd: ROOT }).toSorted()
  // a test that holds a whole file has not the name that is looked for
  if (options.some((option) => /^--test-(name|skip)-pattern|^--test-only/.test(option))) return files
  return processesOf(files).map(together)
}

/** Writes the one file that runs these. The runner sorts files by name: it begins with their place. */
function together(files: readonly string[], place: number): string {
  const name = `${String(place).padStart(3, '0')}-${files[0]?.replaceAll('/', '-')}`
  const path = join(folder, name.replace(/\.ts$/, '.mjs'))
  writeFileSync(path, programOf(ROOT, files))
  return path
}
