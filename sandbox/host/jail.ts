import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { BulkheadError } from '../../src/base/errors.ts'
import type { SandboxLimits } from '../limits.ts'
import type { JailLayer } from './host-ports.ts'

/**
 * `auto` uses every layer that the machine has, `strict` refuses to start unless all stand, `minimal` is
 * content with the process wall and the permission model.
 */
export type JailMode = 'auto' | 'strict' | 'minimal'

/** What a cell may use, for its command line. */
export interface CellBounds {
  readonly dataMiB: number
  readonly isolates: number
  readonly jit: boolean
}

/**
 * The bounds of a tenant's cell. The address space, a backstop only, is that of as many plugins as it may
 * have, so that most tenants' cells are alike and one spare fits them all.
 */
export function boundsOf(limits: Pick<SandboxLimits, 'dataMiB' | 'plugins'>, jit: boolean): CellBounds {
  return { dataMiB: limits.dataMiB, isolates: limits.plugins, jit }
}

export interface CellCommand {
  readonly file: string
  readonly args: readonly string[]
}

/** The jail of this machine: its layers, probed once, and the command line that puts a cell behind them. */
export interface Jail {
  readonly layers: readonly JailLayer[]
  command(bounds: CellBounds): CellCommand
}

/**
 * Probes the layers.
 *
 * @throws BulkheadError ERR_JAIL when `strict` is asked for and a layer does not stand.
 */
export async function raiseJail(mode: JailMode): Promise<Jail> {
  const outer = mode === 'minimal' ? [] : WRAPPERS
  const probed = await Promise.all(outer.map(probe))
  const layers: readonly JailLayer[] = [
    ...ALWAYS,
    ...probed.map((each) => each.layer),
    ...(mode === 'minimal' ? [] : NOT_BUILT),
  ]
  const missing = layers.filter((layer) => !layer.stands)
  if (mode === 'strict' && missing.length > 0) {
    const names = missing.map((layer) => `${layer.name} (${layer.detail})`).join(', ')
    throw new BulkheadError('ERR_JAIL', `sandbox.jail is strict, but these layers do not stand: ${names}`)
  }
  const standing = probed.filter((each) => each.layer.stands)
  return {
    layers,
    command(bounds) {
      const wrapped = standing.flatMap((each) => [each.file, ...each.wrapper.args(bounds)])
      const [file, ...args] = [...wrapped, process.execPath, ...nodeFlags(bounds)]
      return { file: file ?? process.execPath, args }
    },
  }
}

const ALWAYS: readonly JailLayer[] = [
  {
    name: 'process',
    stands: true,
    detail: 'one process a tenant, empty environment, code on stdin, one inherited socket',
  },
  {
    name: 'permission',
    stands: true,
    detail: 'no files, network, child processes or workers (node --permission)',
  },
  {
    name: 'jitless',
    stands: true,
    detail: 'no generated machine code, no WebAssembly (a tenant with jit: true goes without)',
  },
]

const NOT_BUILT: readonly JailLayer[] = ['namespaces', 'cgroup', 'seccomp'].map((name) => ({
  name,
  stands: false,
  detail: 'not built by this version',
}))

/** `--allow-addons` is for the one binary that the cell opens before any plugin code is there. */
function nodeFlags(bounds: CellBounds): readonly string[] {
  const flags = [
    '--no-node-snapshot',
    '--permission',
    '--allow-addons',
    '--disable-sigusr1',
    '--no-warnings',
    '-',
  ]
  return bounds.jit ? flags : ['--jitless', ...flags]
}

/** A program that limits the process that it becomes. */
interface Wrapper {
  readonly layer: string
  readonly program: string
  readonly detail: string
  args(bounds: CellBounds): readonly string[]
}

/** Outermost first: a cell stuck in a built-in must not outlive a killed broker. */
const WRAPPERS: readonly Wrapper[] = [
  {
    layer: 'parent-death',
    program: 'setpriv',
    detail: 'dies with the broker, gains no privileges (setpriv)',
    args: () => ['--pdeathsig', 'KILL', '--no-new-privs'],
  },
  {
    layer: 'rlimits',
    program: 'prlimit',
    detail: 'memory wall, no core dumps, no file writes (prlimit)',
    args: ({ dataMiB, isolates, jit }) => {
      const addressSpace = jit ? JIT_ADDRESS_SPACE : CELL_ADDRESS_SPACE + isolates * ISOLATE_ADDRESS_SPACE
      const data = jit ? [] : [`--data=${dataMiB * 1_048_576}`]
      return [...data, `--as=${addressSpace}`, '--core=0', '--fsize=0']
    },
  },
]

/** A backstop only: V8 reserves far more than it uses. */
const CELL_ADDRESS_SPACE = 1_500_000_000
const ISOLATE_ADDRESS_SPACE = 300_000_000
const JIT_ADDRESS_SPACE = 4_000_000_000

interface Probed {
  readonly wrapper: Wrapper
  readonly file: string
  readonly layer: JailLayer
}

/** A wrapper stands if the machine has it and a process behind it runs. */
async function probe(wrapper: Wrapper): Promise<Probed> {
  const file = findProgram(wrapper.program)
  const program = findProgram('true')
  if (file === undefined || program === undefined) {
    return {
      wrapper,
      file: '',
      layer: { name: wrapper.layer, stands: false, detail: `${wrapper.program} is not installed` },
    }
  }
  const args = [...wrapper.args({ dataMiB: 256, isolates: 1, jit: false }), program]
  const failure = await new Promise<string>((resolve) => {
    execFile(file, args, { env: {}, timeout: 5000 }, (error) => resolve(error === null ? '' : error.message))
  })
  const stands = failure === ''
  const detail = stands ? wrapper.detail : `${wrapper.program} fails: ${failure.split('\n')[0]}`
  return { wrapper, file, layer: { name: wrapper.layer, stands, detail } }
}

/** A cell has an empty environment, so that its wrappers are named by their paths. */
function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin', '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
