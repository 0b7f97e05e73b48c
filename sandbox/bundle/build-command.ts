import { accessSync, constants } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUILD_DATA_MB } from '../limits.ts'
import { bundlerPath, bundlerProgramFolder, ownProgram } from './own-program.ts'

/** The command that runs one build: our builder under the jail's layers that this machine has. */
export interface BuildCommand {
  readonly file: string
  readonly args: readonly string[]
}

let command: Promise<BuildCommand> | undefined

/**
 * Made once a process: the builder's program is bundled into one argument, so it needs no file to read itself
 * from.
 *
 * @throws Error why it cannot be bundled; the next call tries again
 */
export function buildCommand(): Promise<BuildCommand> {
  command ??= makeCommand().catch((error: unknown) => {
    command = undefined
    throw error
  })
  return command
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
  return [dirname(dirname(bundlerPath())), bundlerProgramFolder()]
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
  return ownProgram(entry, ['--format=esm', '--platform=node', '--minify-whitespace'])
}
