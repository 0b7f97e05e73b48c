import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { OWN_PROGRAM_BYTES } from '../limits.ts'

const run = promisify(execFile)

/**
 * Bundles a program of our own, from our own files, into one script in memory. What runs in a jailed process
 * cannot read files, and a jitless one cannot strip types, so both get everything as text.
 *
 * It runs the bundler's program: its module would keep a process for the next build that has the broker's own
 * stderr, and would make that blocking again, so that a stalled reader of the log could stall the broker.
 *
 * @param entry the file to start from, as a URL
 * @param flags the bundler's own, such as `--format=cjs`
 * @throws Error what the bundler says, or why it does not start
 */
export async function ownProgram(entry: URL, flags: readonly string[]): Promise<string> {
  const { stdout } = await run(bundlerProgram(), [fileURLToPath(entry), ...ALWAYS, ...flags], {
    maxBuffer: OWN_PROGRAM_BYTES,
    env: {},
  })
  return stdout
}

const ALWAYS = [
  '--bundle',
  '--target=esnext',
  '--tsconfig-raw={}',
  '--legal-comments=none',
  '--log-level=error',
]

/** The bundler's own module, which a builder's process is to import. */
export function bundlerPath(): string {
  return require.resolve('esbuild')
}

/** The folder that has the bundler's program for this machine. */
export function bundlerProgramFolder(): string {
  const itself = createRequire(bundlerPath())
  return dirname(itself.resolve(`@esbuild/${process.platform}-${process.arch}/package.json`))
}

function bundlerProgram(): string {
  return join(
    bundlerProgramFolder(),
    ...(process.platform === 'win32' ? ['esbuild.exe'] : ['bin', 'esbuild']),
  )
}

const require = createRequire(import.meta.url)
