import { BulkheadError } from '../../../src/base/errors.ts'
import { DEFAULT_LIMITS } from '../../limits.ts'
import { type CellGroups, type GroupTree, openCellGroups } from './cgroup.ts'
import { type CellCommand, FIRST_INPUT, type Tried, tryCommand } from './launch.ts'
import { ownFiles } from './own-files.ts'
import type { ProgramFinder } from './programs.ts'
import { seccompFilter } from './seccomp-filter.ts'
import { type CellBounds, type NamespaceWall, type Walls, wrapperArgs } from './wrappers.ts'

/** What there may be to build a jail of. */
export interface Machine {
  readonly find: ProgramFinder
  /** The path of the addon that a cell opens. */
  readonly addon: string
  /** Where the kernel shows control groups; undefined if none are wanted. */
  readonly tree: GroupTree | undefined
}

/** What a jail was built of, and why not of more. */
export interface Findings {
  readonly walls: Walls
  readonly groups: CellGroups | undefined
  /** What became of each part that does not stand, by its name. */
  readonly failures: ReadonlyMap<Part, string>
  /** Whether a process behind it all has no code generation. */
  readonly jitless: boolean
  readonly command: (bounds: CellBounds) => CellCommand
}

export type Part = 'setpriv' | 'prlimit' | 'bwrap' | 'unshare' | 'seccomp' | 'cgroup' | 'user'

/**
 * Finds the strongest jail in which a cell's process starts, opens its addon and has no permission left. The
 * strongest is tried first: on a machine that has all of it, one process tells.
 *
 * @throws BulkheadError ERR_JAIL when not even a bare process does, or when it has permissions.
 */
export async function probeMachine(machine: Machine): Promise<Findings> {
  const failures = new Map<Part, string>()
  const [setpriv, prlimit] = await Promise.all([
    standing(machine, failures, 'setpriv', ['--pdeathsig', 'KILL', '--no-new-privs']),
    standing(machine, failures, 'prlimit', ['--core=0', '--fsize=0']),
  ])
  const groups = await openGroups(machine, failures)
  let why = ''
  for (const namespaces of await namespaceCandidates(machine, failures)) {
    for (const dropsUser of setpriv !== undefined && process.getuid?.() === 0 ? [true, false] : [false]) {
      const walls: Walls = { setpriv, prlimit, dropsUser, namespaces }
      const command = commandFor(machine, walls, groups)
      const tried = requireProcess(await tryCommand(command(PROBE_BOUNDS), probeProgram(machine.addon)))
      const verdict = readVerdict(tried)
      if (typeof verdict === 'object') {
        return { walls, groups, failures, command, jitless: verdict.jitless }
      }
      why = verdict
      note(failures, walls, verdict)
    }
  }
  throw new BulkheadError('ERR_JAIL', `a layer that each jail needs does not stand: ${why}`)
}

const PROBE_BOUNDS: CellBounds = {
  dataMiB: DEFAULT_LIMITS.dataMiB,
  rssMiB: DEFAULT_LIMITS.rssMiB,
  isolates: 1,
  jit: false,
}

/** A program stands if it is there, and another one runs behind it. */
async function standing(
  { find }: Machine,
  failures: Map<Part, string>,
  part: Part,
  args: readonly string[],
): Promise<string | undefined> {
  const [file, nothing] = [find(part), find('true')]
  if (file === undefined || nothing === undefined) {
    failures.set(part, `${file === undefined ? part : 'true'} is not installed`)
    return undefined
  }
  const tried = requireProcess(await tryCommand({ file, args: [...args, nothing] }, ''))
  if (!tried.ok) failures.set(part, tried.why)
  return tried.ok ? file : undefined
}

/** Strongest first; the last one is none. */
async function namespaceCandidates(
  machine: Machine,
  failures: Map<Part, string>,
): Promise<readonly (NamespaceWall | undefined)[]> {
  const [bwrap, unshare] = [machine.find('bwrap'), machine.find('unshare')]
  if (bwrap === undefined) failures.set('bwrap', 'bwrap is not installed')
  if (unshare === undefined) failures.set('unshare', 'unshare is not installed')
  const filter = seccompFilter(process.arch, false)
  if (bwrap === undefined) failures.set('seccomp', 'bwrap is not installed')
  else if (filter === undefined) failures.set('seccomp', `there is no filter for ${process.arch}`)
  const confined = { by: 'bwrap', file: bwrap ?? '', ownProc: false, files: ownFiles(machine.addon) } as const
  const counters = unshare === undefined ? [undefined] : [unshare, undefined]
  const filters = filter === undefined ? [undefined] : [FIRST_INPUT, undefined]
  const byBwrap = filters.flatMap((seccomp) => counters.map((counter) => ({ ...confined, seccomp, counter })))
  const plain = {
    by: 'unshare',
    file: unshare ?? '',
    counter: undefined,
    seccomp: undefined,
    files: [],
  } as const
  const byUnshare = [true, false].map((ownProc) => ({ ...plain, ownProc }))
  return [...(bwrap === undefined ? [] : byBwrap), ...(unshare === undefined ? [] : byUnshare), undefined]
}

/** Groups stand if a process can join one. */
async function openGroups(
  { find, tree }: Machine,
  failures: Map<Part, string>,
): Promise<CellGroups | undefined> {
  if (tree === undefined) return undefined
  try {
    const [shell, nothing] = [find('sh'), find('true')]
    if (shell === undefined || nothing === undefined) {
      throw new BulkheadError('ERR_JAIL', `${shell === undefined ? 'sh' : 'true'} is not installed`)
    }
    const groups = openCellGroups(tree)
    const folder = groups.create(DEFAULT_LIMITS.rssMiB)
    const tried = await tryCommand({ file: shell, args: ['-c', JOIN, 'sh', folder, nothing] }, '')
    groups.remove(folder)
    if (!tried.ok) throw new BulkheadError('ERR_JAIL', `a process cannot join a group: ${tried.why}`)
    return groups
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error
    failures.set('cgroup', error.message)
    return undefined
  }
}

/** The strongest attempt's reason is the one that counts. */
function note(failures: Map<Part, string>, { namespaces, dropsUser }: Walls, why: string): void {
  const part = namespaces?.by
  const parts: readonly (Part | undefined)[] = [
    dropsUser ? 'user' : part,
    namespaces?.seccomp === undefined ? undefined : 'seccomp',
  ]
  for (const each of parts) if (each !== undefined && !failures.has(each)) failures.set(each, why)
}

function commandFor(
  { find }: Machine,
  walls: Walls,
  groups: CellGroups | undefined,
): (bounds: CellBounds) => CellCommand {
  const shell = find('sh') ?? ''
  const filtered = walls.namespaces?.seccomp !== undefined
  return (bounds) => {
    const folder = groups?.create(bounds.rssMiB)
    const joining = folder === undefined ? [] : [shell, '-c', JOIN, 'sh', folder]
    const line = [...joining, ...wrapperArgs(walls, bounds), process.execPath, ...nodeFlags(bounds)]
    const [file = process.execPath, ...args] = line
    const filter = filtered ? seccompFilter(process.arch, bounds.jit) : undefined
    return {
      file,
      args,
      inputs: filter === undefined ? [] : [filter],
      waits: walls.namespaces !== undefined,
      ended: () => {
        if (folder !== undefined) groups?.remove(folder)
      },
    }
  }
}

/** The process joins its group and becomes the next one: nothing of the cell ever ran outside. */
const JOIN = 'echo 0 > "$1/cgroup.procs" && shift && exec "$@"'

/** `--allow-addons` is for the one binary that the cell opens before any plugin code is there. */
function nodeFlags({ jit }: CellBounds): readonly string[] {
  const flags = [
    '--no-node-snapshot',
    '--permission',
    '--allow-addons',
    '--disable-sigusr1',
    '--no-warnings',
    '-',
  ]
  return jit ? flags : ['--jitless', ...flags]
}

/** What a cell would do: open the addon, with nothing else being permitted. */
function probeProgram(addon: string): string {
  return `
    process.dlopen({ exports: {} }, ${JSON.stringify(addon)})
    const scopes = ['fs.read', 'fs.write', 'net', 'child', 'worker', 'inspector', 'wasi']
    const permitted = scopes.filter((scope) => process.permission.has(scope))
    const jitless = typeof WebAssembly === 'undefined'
    require('node:fs').writeSync(3, JSON.stringify({ permitted, jitless }))`
}

/**
 * A machine that has no room for a process now is no weaker machine: no wall is left out for that.
 *
 * @throws BulkheadError ERR_JAIL
 */
function requireProcess(tried: Tried): Tried {
  if (tried.ok || tried.lacks !== true) return tried
  throw new BulkheadError('ERR_JAIL', `the jail cannot be tried: no process can be started: ${tried.why}`)
}

function readVerdict(tried: Tried): { readonly jitless: boolean } | string {
  if (!tried.ok) return tried.why
  const { permitted, jitless } = JSON.parse(tried.said) as { permitted: string[]; jitless: boolean }
  if (permitted.length > 0) return `permission: Node permits ${permitted.join(', ')} in spite of --permission`
  return { jitless }
}
