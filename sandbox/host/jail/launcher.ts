import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../../src/base/errors.ts'
import { LAUNCHER_END_MS, STDERR_CHARS } from '../../limits.ts'
import { describeExit } from '../cells/exit-reason.ts'
import type { CellCommand } from './launch.ts'

/** What the broker tells its launcher; cells have numbers. */
export type ToLauncher =
  /** What each cell reads from its stdin from now on. */
  | { readonly do: 'program'; readonly text: string }
  | { readonly do: 'start'; readonly id: number; readonly command: Omit<CellCommand, 'ended'> }
  /** Its socket has arrived. */
  | { readonly do: 'let go'; readonly id: number }
  /** To go on reading the last words of a cell that has said much. */
  | { readonly do: 'hear'; readonly id: number }
  | { readonly do: 'kill'; readonly id: number }

/** What the launcher tells the broker. */
export type FromLauncher =
  | { readonly is: 'started'; readonly id: number; readonly pid: number }
  /** Comes with the cell's socket. The launcher has it too for a moment: what the cell says may be lost. */
  | { readonly is: 'connected'; readonly id: number }
  /** The broker alone has it now. */
  | { readonly is: 'let go'; readonly id: number }
  /** It wrote more than its last words may be, and is not read before it is to be heard. */
  | { readonly is: 'loud'; readonly id: number }
  /** How it ended, and the last that it said on its stderr, which is the cell's text. */
  | { readonly is: 'ended'; readonly id: number; readonly reason: string; readonly said: string }

/** What whoever starts a cell is told. None of it may throw, nor comes before {@link Launcher.start} ends. */
export interface LaunchEvents {
  /** From now on what it says is heard: it is to be spoken to first. */
  connected(socket: Socket): void
  /** It floods its stderr. @returns whether it is heard further. */
  loud(): boolean
  /** The last that is told, once. */
  ended(reason: string, said: string): void
}

/** A cell that was started, or is about to be. */
export interface Launched {
  /** Undefined until it is there. */
  readonly pid: number | undefined
  /** Kills it with all that it started. One that has ended is left alone. */
  kill(): void
}

/**
 * Starts cells by way of a process of its own. A fork copies the page tables of who forks, and stops it
 * meanwhile: of a broker, which grows with its clients, 10 to 20 ms of the event loop for each cell, on any
 * of its threads. A launcher is small and stays so. Sockets are handed over: what cells say goes to the
 * broker alone, and the launcher runs nothing but our own code.
 *
 * Cells are its children. It ends with its channel, however the broker ends, and takes them along.
 */
export class Launcher {
  readonly #program: string
  readonly #cells: Map<number, Started> = new Map()
  /** Undefined: the next start starts one. */
  #process: ChildProcess | undefined
  #said = ''
  #nextId = 0

  /** @param program what each cell reads from its stdin. */
  constructor(program: string) {
    this.#program = program
  }

  /** Starts a cell. It fails as a process fails: by its end. */
  start(command: CellCommand, events: LaunchEvents): Launched {
    this.#nextId += 1
    const id = this.#nextId
    const started = new Started(events, () => this.#tell({ do: 'kill', id }))
    this.#cells.set(id, started)
    try {
      // as long as there are cells, who waits for them waits
      this.#open().channel?.ref()
    } catch (error) {
      // too little memory for one more process, say
      const reason = `what starts cells does not start: ${messageOf(error)}`
      setImmediate(() => this.#ended(id, started, reason, ''))
      return started
    }
    const { file, args, inputs = [], waits = false } = command
    this.#tell({ do: 'start', id, command: { file, args, inputs, waits } })
    return started
  }

  /** Ends the process, and with it what is left of the cells. Resolves when it is gone. */
  async stop(): Promise<void> {
    const launcher = this.#process
    if (launcher?.pid === undefined) return
    const ended = once(launcher, 'exit')
    launcher.ref()
    if (launcher.connected) launcher.disconnect()
    const impatience = setTimeout(() => this.kill(), LAUNCHER_END_MS)
    await ended
    clearTimeout(impatience)
  }

  /** Ends it at once, whatever it does, and with it all cells: they are told as ended. */
  kill(): void {
    this.#process?.kill('SIGKILL')
  }

  #open(): ChildProcess {
    if (this.#process !== undefined) return this.#process
    const launcher = fork(PROGRAM, {
      serialization: 'advanced',
      // Ctrl-C in a terminal is for the broker, which then ends its cells one by one
      detached: true,
      env: {},
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process = launcher
    this.#said = ''
    const stderr = launcher.stderr as Socket | null
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-STDERR_CHARS)
    })
    launcher.on('message', (message, handle) => this.#hear(message as FromLauncher, handle as Socket))
    // a broken channel is told by `exit`, with a better reason
    launcher.on('error', (error) => launcher.pid ?? this.#lost(launcher, error.message))
    launcher.once('exit', (code, signal) => this.#lost(launcher, describeExit(code, signal)))
    // it does not hold a process that has no cells
    stderr?.unref()
    launcher.unref()
    this.#tell({ do: 'program', text: this.#program })
    return launcher
  }

  #tell(message: ToLauncher): void {
    // one that ends tells it soon
    if (this.#process?.connected === true) this.#process.send(message)
  }

  #hear(message: FromLauncher, socket: Socket | undefined): void {
    const { id } = message
    if (message.is === 'connected') this.#tell({ do: 'let go', id })
    const cell = this.#cells.get(id)
    if (cell === undefined) {
      socket?.destroy()
      return
    }
    if (message.is === 'started') cell.pid = message.pid
    else if (message.is === 'connected') {
      cell.socket = socket
      // a cell that dies resets it, and its end tells why
      socket?.on('error', () => undefined)
    } else if (message.is === 'let go') {
      const { socket: own } = cell
      cell.socket = undefined
      // where none arrived its other end was closed already: its end is next
      if (own === undefined) return
      cell.isConnected = true
      cell.events.connected(own)
    } else if (message.is === 'loud') {
      if (cell.events.loud()) this.#tell({ do: 'hear', id })
    } else this.#ended(id, cell, endOf(cell, message.reason), message.said)
  }

  #ended(id: number, cell: Started, reason: string, said: string): void {
    this.#cells.delete(id)
    if (this.#cells.size === 0) this.#process?.channel?.unref()
    cell.socket?.destroy()
    cell.events.ended(reason, said)
  }

  /** Its cells die with it where the system can do that; elsewhere they are killed. */
  #lost(launcher: ChildProcess, reason: string): void {
    if (this.#process !== launcher) return
    this.#process = undefined
    const lost = [...this.#cells]
    for (const [id, cell] of lost) {
      cell.killGroup()
      this.#ended(id, cell, `what starts cells ended: ${reason}`, this.#said)
    }
  }
}

const PROGRAM = fileURLToPath(new URL('./launcher-process.ts', import.meta.url))

/** Without a descriptor left the broker takes no socket: the cell finds that nobody is there, and ends. */
function endOf({ pid, isConnected }: Started, reason: string): string {
  return pid === undefined || isConnected ? reason : `${reason}, before the broker had its socket`
}

class Started implements Launched {
  readonly events: LaunchEvents
  readonly kill: () => void
  pid: number | undefined
  isConnected = false
  /** Until the launcher has let go of it. */
  socket: Socket | undefined

  constructor(events: LaunchEvents, kill: () => void) {
    this.events = events
    this.kill = kill
  }

  killGroup(): void {
    if (this.pid === undefined) return
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // it has died with who started it
    }
  }
}
