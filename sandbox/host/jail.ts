import { BulkheadError } from '../../src/base/errors.ts'
import { addonPath } from './cells/cell-program.ts'
import type { JailLayer } from './host-ports.ts'
import { machineTree } from './jail/cgroup.ts'
import type { CellCommand } from './jail/launch.ts'
import { describeLayers } from './jail/layers.ts'
import { probeMachine } from './jail/probe-machine.ts'
import { findProgram, type ProgramFinder } from './jail/programs.ts'
import type { CellBounds } from './jail/wrappers.ts'

export type { CellCommand } from './jail/launch.ts'
export type { CellBounds } from './jail/wrappers.ts'

/**
 * `auto` uses every layer that the machine has, `strict` refuses to start unless all stand, `minimal` is
 * content with the process wall and the permission model.
 */
export type JailMode = 'auto' | 'strict' | 'minimal'

/** The jail of this machine: its layers, probed once, and the command line that puts a cell behind them. */
export interface Jail {
  readonly layers: readonly JailLayer[]
  /** A new cell's command line. Its `ended` has to be called when the process has ended. */
  readonly command: (bounds: CellBounds) => CellCommand
}

/**
 * Probes the layers; what stands on a machine is found out once a process.
 *
 * @throws BulkheadError ERR_JAIL when `strict` is asked for and a layer does not stand, or when one does not
 * that each mode requires.
 */
export async function raiseJail(mode: JailMode): Promise<Jail> {
  const minimal = mode === 'minimal'
  const raising = raised.get(minimal) ?? probeJail(minimal ? () => undefined : findProgram, minimal)
  raised.set(minimal, raising)
  const { layers, command } = await raising.catch((error: unknown) => {
    // who asks once more finds out anew: the machine may have had no room for a process
    raised.delete(minimal)
    throw error
  })
  if (mode === 'strict') requireAll(layers)
  return { layers, command }
}

const raised = new Map<boolean, Promise<Jail>>()

/**
 * Probes the layers with what the machine has in the way of programs.
 *
 * @throws BulkheadError ERR_JAIL when a layer does not stand that each mode requires.
 */
export async function probeJail(find: ProgramFinder, minimal: boolean): Promise<Jail> {
  const found = await probeMachine({
    find,
    addon: addonPath(),
    tree: minimal ? undefined : machineTree(),
  })
  return { layers: describeLayers(found, minimal), command: found.command }
}

function requireAll(layers: readonly JailLayer[]): void {
  const missing = layers.filter((layer) => !layer.stands)
  if (missing.length === 0) return
  const lines = missing.map(({ name, detail, mend }) => `${name}: ${detail}. ${mend}`)
  throw new BulkheadError(
    'ERR_JAIL',
    ['sandbox.jail is strict, but these layers do not stand:', ...lines].join('\n'),
  )
}
