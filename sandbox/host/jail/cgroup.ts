import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { BulkheadError, messageOf } from '../../../src/base/errors.ts'
import { CELL_CPU, CELL_THREADS } from '../../limits.ts'

/** A control group for each cell, below the broker's own. */
export interface CellGroups {
  /** A new cell's group, with its limits; the folder that its first process joins. */
  create(memoryMiB: number): string
  /** Ends all that is left in a group and removes it, at the latest when another one goes. */
  remove(folder: string): void
}

/** Where the kernel shows control groups. */
export interface GroupTree {
  /** Of version 2: `/sys/fs/cgroup`. */
  readonly root: string
  /** What /proc/self/cgroup says. */
  readonly membership: string
  readonly pid: number
}

/**
 * Takes over the broker's own group, if it was delegated: the broker moves into a child of it, since a group
 * either has processes or hands its limits on.
 *
 * @throws BulkheadError ERR_JAIL that says why there are no groups.
 */
export function openCellGroups(tree: GroupTree): CellGroups {
  const own = ownGroup(tree)
  const base = basename(own) === BROKER ? dirname(own) : own
  requireDelegated(base)
  if (base === own) moveBroker(base, tree.pid)
  try {
    writeFileSync(join(base, 'cgroup.subtree_control'), CONTROLLERS.map((name) => `+${name}`).join(' '))
  } catch (error) {
    throw refused(`its limits cannot be handed on: ${messageOf(error)}`)
  }
  return new Groups(base, tree.pid)
}

/** The tree of this machine; of a mixed one, version 2 is a part without controllers. */
export function machineTree(): GroupTree {
  const { root, self } = { root: '/sys/fs/cgroup', self: '/proc/self/cgroup' }
  return { root, membership: existsSync(self) ? readFileSync(self, 'utf8') : '', pid: process.pid }
}

const BROKER = 'broker'
const CONTROLLERS = ['memory', 'cpu', 'pids']

function refused(why: string): BulkheadError {
  return new BulkheadError('ERR_JAIL', why)
}

function ownGroup({ root, membership }: GroupTree): string {
  const path = /^0::(\/.*)$/m.exec(membership)?.[1]
  if (path === undefined) throw refused('this system has no control groups of version 2')
  const own = join(root, path)
  if (!existsSync(join(own, 'cgroup.controllers'))) {
    throw refused(`${root} is not a tree of control groups of version 2`)
  }
  return own
}

function requireDelegated(base: string): void {
  // the machine's root group alone has no type
  if (!existsSync(join(base, 'cgroup.type'))) throw refused('the broker is in the root group of the machine')
  const offered = readFileSync(join(base, 'cgroup.controllers'), 'utf8').trim().split(/\s+/)
  const lacking = CONTROLLERS.filter((name) => !offered.includes(name))
  if (lacking.length > 0) throw refused(`its group has no controller for ${lacking.join(', ')}`)
  try {
    accessSync(base, constants.W_OK)
    accessSync(join(base, 'cgroup.subtree_control'), constants.W_OK)
  } catch {
    throw refused('its group is not delegated to it: it may not write there')
  }
}

function moveBroker(base: string, pid: number): void {
  const others = processesOf(base).filter((each) => each !== pid)
  if (others.length > 0) {
    throw refused(`its group has other processes (${others.slice(0, 4).join(', ')})`)
  }
  const own = join(base, BROKER)
  try {
    mkdirSync(own, { recursive: true })
    writeFileSync(join(own, 'cgroup.procs'), String(pid))
  } catch (error) {
    throw refused(`the broker cannot make a group of its own: ${messageOf(error)}`)
  }
}

function processesOf(folder: string): readonly number[] {
  return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
}

class Groups implements CellGroups {
  readonly #base: string
  readonly #prefix: string
  #made = 0
  /** Killed, and not quite gone when they were to be removed. */
  #leaving: readonly string[]

  constructor(base: string, pid: number) {
    this.#base = base
    this.#prefix = `cell-${pid}-`
    // a broker that was killed left its cells' groups behind, and the cells died with it
    const left = readdirSync(base).filter((name) => /^cell-\d+-\d+$/.test(name))
    this.#leaving = left.map((name) => join(base, name)).filter((folder) => !removed(folder))
  }

  create(memoryMiB: number): string {
    this.#made += 1
    const folder = join(this.#base, `${this.#prefix}${this.#made}`)
    try {
      mkdirSync(folder)
      writeFileSync(join(folder, 'memory.max'), String(memoryMiB * 1_048_576))
      writeFileSync(join(folder, 'memory.oom.group'), '1')
      writeFileSync(join(folder, 'cpu.max'), `${CELL_CPU.quotaMicros} ${CELL_CPU.periodMicros}`)
      writeFileSync(join(folder, 'pids.max'), String(CELL_THREADS))
      // a kernel without swap does not have it
      const swap = join(folder, 'memory.swap.max')
      if (existsSync(swap)) writeFileSync(swap, '0')
    } catch {
      // without its limits there is no group: the cell cannot join it, and ends with that reason
      removed(folder)
    }
    return folder
  }

  remove(folder: string): void {
    const kill = join(folder, 'cgroup.kill')
    if (existsSync(kill)) writeFileSync(kill, '1')
    this.#leaving = [...this.#leaving, folder].filter((each) => !removed(each))
  }
}

/** Only an empty group can be removed: what it still has is about to end, and it is tried again. */
function removed(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return !existsSync(folder)
  }
}
