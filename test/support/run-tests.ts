/**
 * `npm test`: every test of the house, or those that the command line names. Options go through to Node's
 * runner, as in `npm test -- --test-name-pattern=QoS test/src/router`.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const EVERYTHING = ['test/**/*.test.ts', 'plugins-examples/**/*.test.ts']
// hundreds of processes load the same modules: their types are stripped once
const COMPILED = join(ROOT, 'node_modules', '.cache', 'compiled')
// a test that hangs is to fail with its name, long before anybody stops the whole run
const STOP_MS = 120_000

const given = process.argv.slice(2)
const options = given.filter((argument) => argument.startsWith('-'))
const places = given.filter((argument) => !argument.startsWith('-'))

const child = spawn(
  process.execPath,
  [
    '--test',
    '--test-reporter=spec',
    // many tests wait for a process or a clock: there is one more at work than there are cores
    `--test-concurrency=${availableParallelism() + 1}`,
    `--test-timeout=${STOP_MS}`,
    ...options,
    ...(places.length === 0 ? EVERYTHING : places.map(globOf)),
  ],
  { cwd: ROOT, stdio: 'inherit', env: { NODE_COMPILE_CACHE: COMPILED, ...process.env } },
)
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})

/** A folder stands for all tests in it. */
function globOf(place: string): string {
  return place.endsWith('.ts') ? place : join(place, '**', '*.test.ts')
}
