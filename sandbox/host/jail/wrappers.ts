import { CELL_FILES_OPEN, CELL_THREADS, NOBODY } from '../../limits.ts'

/** What a cell may use, for its command line. */
export interface CellBounds {
  readonly dataMiB: number
  readonly rssMiB: number
  readonly isolates: number
  readonly jit: boolean
}

/** What stands between the broker and a cell's program; undefined or false where nothing does. */
export interface Walls {
  /** The path of setpriv. */
  readonly setpriv: string | undefined
  /** The path of prlimit. */
  readonly prlimit: string | undefined
  /** Whether a broker that is root makes its cells another user. */
  readonly dropsUser: boolean
  readonly namespaces: NamespaceWall | undefined
}

/** The program that makes the namespaces. */
export interface NamespaceWall {
  readonly by: 'bwrap' | 'unshare'
  readonly file: string
  /** unshare, where it makes a user namespace around bwrap: there, RLIMIT_NPROC counts the cell alone. */
  readonly counter: string | undefined
  /** Whether a /proc of its own can be mounted (unshare): the machine's shows all processes. */
  readonly ownProc: boolean
  /** The descriptor with the filter for system calls (bwrap). */
  readonly seccomp: number | undefined
  /** What the cell may see of the machine's files (bwrap). */
  readonly files: readonly string[]
}

/** The wrappers' part of a cell's command line, outermost first; the program and its arguments come after. */
export function wrapperArgs(walls: Walls, bounds: CellBounds): readonly string[] {
  const { namespaces } = walls
  const limits = limitArgs(walls.prlimit, bounds, namespaces)
  if (namespaces?.by === 'unshare') {
    return [...privilegeArgs(walls), ...unshareArgs(namespaces), ...limits]
  }
  const counter = namespaces?.counter
  // it does not fork: one process becomes the next
  const counted = counter === undefined ? [] : [counter, '--user', '--map-current-user']
  const confined = namespaces === undefined ? [] : bwrapArgs(namespaces)
  return [...privilegeArgs(walls), ...counted, ...limits, ...confined]
}

/** Outermost of all: a cell stuck in a built-in must not outlive a killed broker. */
function privilegeArgs({ setpriv, dropsUser }: Walls): readonly string[] {
  if (setpriv === undefined) return []
  const user = dropsUser ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : []
  return [setpriv, '--pdeathsig', 'KILL', '--no-new-privs', ...user]
}

function limitArgs(
  prlimit: string | undefined,
  { dataMiB, isolates, jit }: CellBounds,
  namespaces: NamespaceWall | undefined,
): readonly string[] {
  if (prlimit === undefined) return []
  const space = jit ? JIT_ADDRESS_SPACE : ADDRESS_SPACE
  const data = jit ? [] : [`--data=${dataMiB * 1_048_576}`]
  const files = [`--nofile=${CELL_FILES_OPEN}`, '--core=0', '--fsize=0']
  // it counts a user's processes: outside a user namespace of the cell's own, the broker's as well
  const alone = namespaces?.by === 'unshare' || namespaces?.counter !== undefined
  const processes = alone ? [`--nproc=${CELL_THREADS}`] : []
  return [prlimit, ...data, `--as=${space.cell + isolates * space.isolate}`, ...files, ...processes]
}

/** A backstop only: V8 reserves far more than it uses, and most for code that an isolate may generate. */
const ADDRESS_SPACE = { cell: 1_500_000_000, isolate: 300_000_000 } as const
const JIT_ADDRESS_SPACE = { cell: 3_000_000_000, isolate: 1_000_000_000 } as const

/** Inside it is nobody, and no root with the privileges of its own namespaces. */
function unshareArgs({ file, ownProc }: NamespaceWall): readonly string[] {
  const proc = ownProc ? ['--mount-proc'] : []
  const namespaces = ['--net', '--pid', '--ipc', '--uts', '--mount', ...proc]
  return [
    file,
    '--fork',
    '--kill-child',
    `--map-user=${NOBODY}`,
    `--map-group=${NOBODY}`,
    ...namespaces,
    '--',
  ]
}

const BWRAP_NAMESPACES: readonly string[] = [
  '--unshare-user',
  '--unshare-net',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  '--disable-userns',
  '--die-with-parent',
  '--uid',
  String(NOBODY),
  '--gid',
  String(NOBODY),
  '--hostname',
  'cell',
]
const READ_ONLY_ROOT: readonly string[] = ['--remount-ro', '/', '--chdir', '/']

function bwrapArgs({ file, seccomp, files }: NamespaceWall): readonly string[] {
  const filter = seccomp === undefined ? [] : ['--seccomp', String(seccomp)]
  return [
    file,
    ...BWRAP_NAMESPACES,
    ...files.flatMap((path) => ['--ro-bind-try', path, path]),
    ...READ_ONLY_ROOT,
    ...filter,
    '--',
  ]
}
