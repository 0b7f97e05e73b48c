import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Duplex, Readable } from 'node:stream'
import { processTree } from '../../sandbox/host/cells/process-tree.ts'
import { type CellCommand, killLaunched, launch, tryCommand } from '../../sandbox/host/jail/launch.ts'
import { findProgram } from '../../sandbox/host/jail/programs.ts'
import { type CellBounds, type Jail, probeJail, raiseJail } from '../../sandbox/host/jail.ts'

export const BOUNDS: CellBounds = { dataMiB: 300, rssMiB: 256, isolates: 1, jit: false }

/** The jails that a machine may come to: with all that it has, without bubblewrap, without anything. */
export const JAILS: Readonly<Record<string, Jail>> = {
  auto: await raiseJail('auto'),
  'no bwrap': await probeJail((name) => (name === 'bwrap' ? undefined : findProgram(name)), false),
  minimal: await raiseJail('minimal'),
}

/** A reason to skip a test of a layer, or false where the layer stands. */
export function missing(jail: Jail | undefined, name: string): string | false {
  const layer = jail?.layers.find((each) => each.name === name)
  if (layer === undefined) return `this jail has no layer ${name}`
  return layer.stands ? false : `the layer ${name} does not stand here: ${layer.detail}`
}

/** What JavaScript says where a cell's program runs, or how it ended. */
export async function inCell(jail: Jail | undefined, program: string): Promise<string> {
  return outcome(jail?.command(BOUNDS), program)
}

/** The same, with Node permitting everything: what is refused then, the layers around Node refuse. */
export async function aroundNode(jail: Jail | undefined, program: string): Promise<string> {
  return outcome(withProgram(jail?.command(BOUNDS), [process.execPath, '--jitless', '-']), program)
}

/** A jail's command line with another program at its end. */
export function withProgram(
  command: CellCommand | undefined,
  program: readonly string[],
): CellCommand | undefined {
  if (command === undefined) return undefined
  const line = [command.file, ...command.args]
  // among what bwrap binds, Node is named too
  const [file = '', ...args] = [...line.slice(0, line.lastIndexOf(process.execPath)), ...program]
  return { ...command, file, args }
}

async function outcome(command: CellCommand | undefined, program: string): Promise<string> {
  if (command === undefined) return 'no such jail'
  const say = "const say = (what) => require('node:fs').writeSync(3, String(what))"
  const tried = await tryCommand(command, `${say}\n${program}`)
  return tried.ok ? tried.said : `it failed: ${tried.why}`
}

/** A cell's process that waits, to be looked at from outside. */
export class Waiting {
  readonly child: ChildProcess
  /** The process itself, behind its wrappers. */
  readonly pid: number
  readonly #waits: boolean | undefined

  private constructor(child: ChildProcess, waits: boolean | undefined) {
    this.child = child
    this.#waits = waits
    this.pid = processTree(child.pid ?? 0).at(-1) ?? 0
  }

  static async start(jail: Jail | undefined): Promise<Waiting> {
    const command = jail?.command(BOUNDS)
    if (command === undefined) throw new Error('no such jail')
    const child = launch(command)
    const wait = "const fs = require('node:fs'); fs.writeSync(3, 'up'); fs.readSync(3, Buffer.alloc(1))"
    child.stdin?.end(wait)
    await once(child.stdio[3] as Readable, 'data')
    return new Waiting(child, command.waits)
  }

  /** What /proc has of it. */
  proc(file: string): string {
    return readFileSync(`/proc/${this.pid}/${file}`, 'utf8')
  }

  /** Lets it come to its own end. */
  release(): void {
    const socket = this.child.stdio[3] as Duplex
    socket.write('.')
  }

  async end(): Promise<void> {
    const ended = once(this.child, 'exit')
    killLaunched(this.child, this.#waits)
    await ended
  }
}
