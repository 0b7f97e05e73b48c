import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { messageOf } from '../../../src/base/errors.ts'
import { JAIL_PROBE_MS, STDERR_CHARS, WRAPPER_END_MS } from '../../limits.ts'
import { processTree } from '../cells/process-tree.ts'

/** A command line, and what it reads from the descriptors behind the cell's own. */
export interface CellCommand {
  readonly file: string
  readonly args: readonly string[]
  /** Written to descriptor {@link FIRST_INPUT}, the next one, …, each to its end. */
  readonly inputs?: readonly Uint8Array[]
  /** Whether its first process is a wrapper that waits for the next, and ends with it. */
  readonly waits?: boolean
  /** To be called once when the process has ended: what was made for it alone goes. */
  readonly ended?: () => void
}

/** 0 is the program, 1 leads nowhere, 2 is for last words, 3 is the socket to the broker. */
export const FIRST_INPUT = 4

/**
 * Starts a command as the leader of a process group, so that a terminal's Ctrl-C reaches the broker alone and
 * the whole group can be killed. Nothing of the broker's environment goes with it.
 */
export function launch({ file, args, inputs = [] }: CellCommand): ChildProcess {
  const more = inputs.map(() => 'pipe' as const)
  const child = spawn(file, args, {
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe', ...more],
  })
  for (const [index, bytes] of inputs.entries()) {
    // without a descriptor left there are no pipes; that it never started is told by `error`
    const pipe = child.stdio?.[FIRST_INPUT + index] as Writable | null | undefined
    // a reader that ends early has its reason to say, and says it by its exit
    pipe?.on('error', () => undefined).end(bytes)
  }
  return child
}

/** What a command came to: what it said on its socket, or why it failed, in one line. */
export type Tried =
  | { readonly ok: true; readonly said: string }
  | {
      readonly ok: false
      readonly why: string
      /** Nothing started, for want of memory, processes or descriptors: it tells nothing of the command. */
      readonly lacks?: boolean
    }

/** Runs a command to its end with a program on its stdin, as a cell gets it. Does not throw. */
export async function tryCommand(command: CellCommand, program: string): Promise<Tried> {
  let tooLong: NodeJS.Timeout | undefined
  try {
    const child = launch(command)
    // first of all: what does not start says so later, and nobody would hear it
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>
    tooLong = setTimeout(() => killLaunched(child, command.waits), JAIL_PROBE_MS)
    // without a process there are no pipes
    if (child.pid === undefined) await ended
    // a command that does not read its program says by its exit whether that is wrong
    child.stdin?.on('error', () => undefined).end(program)
    const [said, last, [code, signal]] = await Promise.all([
      text(child.stdio[3] as Readable),
      text(child.stderr as Readable),
      ended,
    ])
    if (code === 0) return { ok: true, said }
    const why = last.trim().slice(0, STDERR_CHARS).split('\n', 1)[0] ?? ''
    return { ok: false, why: why === '' ? `it ends with ${signal ?? `exit code ${code}`}` : why }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return { ok: false, why: messageOf(error), lacks: LACKING.has(code) }
  } finally {
    clearTimeout(tooLong)
    command.ended?.()
  }
}

const LACKING: ReadonlySet<string> = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'])

/**
 * Kills a launched command with all that it started; one that has ended is left alone.
 *
 * A wrapper that waits is left to see the end of what it waits for, which is the first process of its own
 * namespace and takes all others along: it reaps that one, and nothing is left to the first process of the
 * machine, which in a container may be the broker. One that does not come to its own end is killed as well.
 *
 * @throws Error what the system says of a process that cannot be killed.
 */
export function killLaunched(child: ChildProcess, waits: boolean | undefined): void {
  if (child.pid === undefined || hasEnded(child)) return
  const [, first] = waits === true ? processTree(child.pid) : []
  if (first === undefined) return killGroup(child.pid)
  const { pid } = child
  const tooLong = setTimeout(() => hasEnded(child) || killGroup(pid), WRAPPER_END_MS)
  child.once('exit', () => clearTimeout(tooLong))
  process.kill(first, 'SIGKILL')
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function killGroup(leader: number): void {
  process.kill(-leader, 'SIGKILL')
}
