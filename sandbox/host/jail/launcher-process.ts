import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { messageOf } from '../../../src/base/errors.ts'
import { STDERR_CHARS, STDERR_FLOOD_CHARS } from '../../limits.ts'
import { describeExit } from '../cells/exit-reason.ts'
import { type CellCommand, killLaunched, launch } from './launch.ts'
import type { FromLauncher, ToLauncher } from './launcher.ts'

/** A cell, as far as it takes a parent to see: its end, and what it says on its stderr. */
class Cell {
  readonly #id: number
  readonly #command: CellCommand
  #child: ChildProcess | undefined
  #said = ''
  /** What was read since it was to be heard. */
  #heardChars = 0

  constructor(id: number, command: CellCommand) {
    this.#id = id
    this.#command = command
  }

  start(): void {
    try {
      this.#launch()
    } catch (error) {
      this.#ended(messageOf(error))
    }
  }

  hear(): void {
    this.#heardChars = 0
    this.#child?.stderr?.resume()
  }

  kill(waits = this.#command.waits): void {
    if (this.#child === undefined) return this.#ended('SIGKILL')
    try {
      killLaunched(this.#child, waits)
    } catch (error) {
      this.#note(messageOf(error))
    }
  }

  #launch(): void {
    const child = launch(this.#command)
    this.#child = child
    child.once('error', (error) => this.#ended(error.message))
    child.once('exit', (code, signal) => this.#ended(describeExit(code, signal)))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#wrote(text))
    child.stdin?.on('error', (error) => this.#note(error.message)).end(program)
    if (child.pid === undefined) return
    tell({ is: 'started', id: this.#id, pid: child.pid })
    tell({ is: 'connected', id: this.#id }, child.stdio[3] as Socket)
  }

  /** Nobody takes the time to read last words without end. */
  #wrote(text: string): void {
    this.#note(text)
    this.#heardChars += text.length
    if (this.#heardChars <= STDERR_FLOOD_CHARS) return
    this.#child?.stderr?.pause()
    tell({ is: 'loud', id: this.#id })
  }

  #note(text: string): void {
    this.#said = (this.#said + text).slice(-STDERR_CHARS)
  }

  #ended(reason: string): void {
    if (!cells.delete(this.#id)) return
    tell({ is: 'ended', id: this.#id, reason, said: this.#said.trim() })
    starts.left(this)
  }
}

/**
 * One cell after the other: the next one starts when the broker has the socket of the one before, or that one
 * ended. A socket that waited here to be handed over would be read here.
 */
class Starts {
  readonly #waiting: Set<Cell> = new Set()
  #starting: Cell | undefined

  enter(cell: Cell): void {
    this.#waiting.add(cell)
    if (this.#starting === undefined) this.#next()
  }

  left(cell: Cell | undefined): void {
    if (cell === undefined) return
    this.#waiting.delete(cell)
    if (this.#starting === cell) this.#next()
  }

  #next(): void {
    const [next] = this.#waiting
    this.#starting = next
    if (next === undefined) return
    this.#waiting.delete(next)
    next.start()
  }
}

const cells: Map<number, Cell> = new Map()
const starts = new Starts()
let program = ''

function tell(message: FromLauncher, socket?: Socket): void {
  if (process.connected) process.send?.(message, socket)
}

process.on('message', (message: ToLauncher) => {
  if (message.do === 'program') program = message.text
  else if (message.do === 'start') {
    const cell = new Cell(message.id, message.command)
    cells.set(message.id, cell)
    starts.enter(cell)
  } else if (message.do === 'let go') {
    // Node closes what it sent when that has arrived, which was before this; until then it reads it
    tell({ is: 'let go', id: message.id })
    starts.left(cells.get(message.id))
  } else if (message.do === 'hear') cells.get(message.id)?.hear()
  else cells.get(message.id)?.kill()
})

// the broker is gone, or wants no cells any more: none outlives it, not even one that hangs
process.on('disconnect', () => {
  for (const cell of cells.values()) cell.kill(false)
  process.exit()
})
