/**
 * `npm test`: every test of the house, or those that the command line names. Options go through to Node's
 * runner, as in `npm test -- --test-name-pattern=QoS test/src/router`.
 */
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..', '..')
const EVERYTHING = ['test/**/*.test.ts', 'plugins-examples/**/*.test.ts']
/**
 * Rooms whose tests compute, and neither start processes nor wait for clocks: those of a room share a
 * process, whose start takes longer than one of their files does. Everything else has a process a file.
 */
const SHARED_ROOMS = [
  ...['base', 'codec', 'router', 'session', 'hooks', 'delivery', 'protocol', 'tenants', 'config'].map(
    (room) => `test/src/${room}`,
  ),
  ...['manifest', 'wire', 'globals', 'host/questions', 'host/capabilities'].map(
    (room) => `test/sandbox/${room}`,
  ),
]
// hundreds of processes load the same modules: their types are stripped once
const COMPILED = join(ROOT, 'node_modules', '.cache', 'compiled')
// a test that hangs is to fail with its name, long before anybody stops the whole run
const STOP_MS = 120_000
// so is a file that its tests have left open, where all run; who names files may wait for them
const FILE_STOP = join(import.meta.dirname, 'file-stop.ts')
// and a file whose loop is blocked: the runner names what it is in when it is asked to end
const RUN_STOP_MS = 3_600_000
// most of what still has its own process waits for others, or for a clock; more at once starve each other
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
    ...(places.length === 0 ? [`--import=${FILE_STOP}`, ...everything()] : places.map(globOf)),
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
  const files = Map.groupBy(globSync(EVERYTHING, { cwd: ROOT }).toSorted(), (file) =>
    SHARED_ROOMS.includes(dirname(file)) ? dirname(file) : '',
  )
  const alone = files.get('') ?? []
  files.delete('')
  return [...Array.from(files, ([room, tests]) => together(room, tests)), ...alone]
}

/** Writes the one file that runs these. */
function together(room: string, tests: readonly string[]): string {
  const file = join(folder, `${room.replaceAll('/', '-')}.test.mjs`)
  const imports = tests.map((test) => `import ${JSON.stringify(pathToFileURL(join(ROOT, test)).href)}`)
  writeFileSync(file, `${imports.join('\n')}\n`)
  return file
}
