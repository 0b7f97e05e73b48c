import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUILD_DATA_MB } from '../limits.ts'
import { ownProgram } from './own-program.ts'

/** The command that runs one build: our builder under the jail's layers that this machine has. */
export interface BuildCommand {
  readonly file: string
  readonly args: readonly string[]
}

const require = createRequire(import.meta.url)
let command: Promise<BuildCommand> | undefined

/**
 * Made once a process: the builder's program is bundled into one argument, so it needs no file to read itself
 * from.
 */
export function buildCommand(): Promise<BuildCommand> {
  command ??= makeCommand()
  return command
}

/** The bundler's own module, which the builder's process is to import. */
export function bundlerPath(): string {
  return require.resolve('esbuild')
}

async function makeCommand(): Promise<BuildCommand> {
  const node = [
    process.execPath,
    // V8 reserves memory for its machine code in the same account that the memory wall counts
    '--jitless',
    '--no-warnings',
    '--permission',
    '--allow-child-process',
    ...bundlerFolders().map((folder) => `--allow-fs-read=${folder}`),
    '--input-type=module',
    '--eval',
    await builderProgram(),
  ]
  const [file, ...args] = [...diesWithBroker(), ...memoryWall(), ...node] as [string, ...string[]]
  return { file, args }
}

function bundlerFolders(): string[] {
  const bundler = dirname(dirname(bundlerPath()))
  const binary = createRequire(bundlerPath()).resolve(
    `@esbuild/${process.platform}-${process.arch}/package.json`,
  )
  return [bundler, dirname(binary)]
}

/** Outermost: else a builder that spins would outlive a killed broker. */
function diesWithBroker(): string[] {
  const setpriv = findProgram('setpriv')
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--']
}

function memoryWall(): string[] {
  const prlimit = findProgram('prlimit')
  if (prlimit === undefined) return []
  return [prlimit, `--data=${BUILD_DATA_MB * 1_000_000}`, '--core=0', '--fsize=0', '--']
}

/** In the system's own places alone: a plugin's author may have a say in PATH. */
function findProgram(name: string): string | undefined {
  return ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // not there, or not for us: the layer is left out
  }
}

function builderProgram(): Promise<string> {
  const own = import.meta.url
  const entry = new URL(`./build-process${extname(fileURLToPath(own))}`, own)
  return ownProgram(entry, { format: 'esm', platform: 'node', minifyWhitespace: true })
}
