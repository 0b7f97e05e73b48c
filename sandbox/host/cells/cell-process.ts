import type { ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import { assert } from '../../../src/base/assert.ts'
import { messageOf } from '../../../src/base/errors.ts'
import { RingBuffer } from '../../../src/base/ring-buffer.ts'
import {
  CELL_START_MS,
  JOBS_UNDER_WAY,
  OVERDUE_CPU_MS,
  OVERDUE_WALL_MS,
  STDERR_CHARS,
  STDERR_FLOOD_CHARS,
} from '../../limits.ts'
import { FrameReader } from '../../wire/frames.ts'
import { ANSWERED_BY, FRAME, FRAME_OUTCOMES } from '../../wire/messages.ts'
import { type CellCommand, killLaunched, launch } from '../jail/launch.ts'
import { CELL_STEPS, type CellEvent, type CellState } from './cell-state.ts'
import { cpuTimeMs } from './cpu-time.ts'
import { describeExit } from './exit-reason.ts'
import { FrameEncoder } from './frame-encoder.ts'
import type { Job, LostOutcome } from './job.ts'

/** What its owner is told. None of it may throw. */
export interface CellOwner {
  cellReady(cell: CellProcess): void
  /** It answered a job of this instance, on which it can have worked for so long. */
  cellWorked(instance: number, ms: number): void
  /** Some jobs were answered: there is room for more. */
  cellAnswered(cell: CellProcess): void
  /** All its jobs are lost by now. */
  cellEnded(cell: CellProcess, reason: string): void
}

export interface CellStart {
  readonly command: CellCommand
  readonly program: string
  readonly epoch: number
  /** An answer that is longer is not one of ours. */
  readonly maxAnswerBytes: number
}

/**
 * One process behind the jail, its socket, and the jobs that it has. Whatever it sends is hostile until
 * checked.
 */
export class CellProcess {
  readonly epoch: number
  /** When it was spawned, in ms of `performance.now`. */
  readonly startedAt: number = performance.now()
  readonly #owner: CellOwner
  readonly #command: CellCommand
  readonly #child: ChildProcess
  readonly #socket: Socket
  #reader: FrameReader
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  readonly #encoder = new FrameEncoder()
  readonly #jobs = new RingBuffer<Job>(JOBS_UNDER_WAY)
  /** Frame numbers: the head job's, and the next one's. */
  #headId = 0
  #nextId = 0
  /** Since when the cell can have worked at the head job. */
  #headSince = 0
  #cpuWhenLate: number | undefined
  #state: CellState = 'starting'
  /** Why it was killed, or how it ended by itself. */
  #reason = ''
  #lostAs: LostOutcome = 'crash'
  #gone = false
  #stderr = ''
  /** What it wrote there since its last answer. */
  #stderrChars = 0

  constructor(owner: CellOwner, start: CellStart) {
    this.#owner = owner
    this.epoch = start.epoch
    this.#reader = new FrameReader(start.maxAnswerBytes)
    this.#command = start.command
    this.#child = launch(start.command)
    this.#child.once('error', (error) => this.#exited(error.message))
    this.#child.once('exit', (code, signal) => this.#exited(describeExit(code, signal)))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#wrote(text))
    // without a descriptor left there are no pipes; that it never started is told by `error`
    this.#socket = (this.#child.stdio?.[3] ?? new Socket()) as Socket
    this.#socket.on('data', (chunk: Uint8Array) => this.#read(chunk))
    // a broken pipe is told by `exit`, with a better reason
    this.#socket.on('error', (error) => this.#note(error.message))
    this.#child.stdin?.on('error', (error) => this.#note(error.message)).end(start.program)
    this.submit(new Hello(), '')
    this.send()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get isReady(): boolean {
    return this.#state === 'ready'
  }

  get isStopped(): boolean {
    return this.#state === 'stopped'
  }

  /** How many jobs it has. */
  get jobs(): number {
    return this.#jobs.length
  }

  /** Encodes a frame; {@link send} writes it. */
  submit(job: Job, body: string): void {
    const taken = this.#jobs.push(job)
    assert(taken, 'a cell has room for its jobs')
    const header = this.#encoder.header
    header.type = job.type
    header.outcome = 0
    header.count = job.count
    header.epoch = this.epoch
    header.instance = job.instance
    header.generation = job.generation
    header.id = this.#nextId
    this.#nextId = (this.#nextId + 1) >>> 0
    this.#encoder.add(body)
    if (this.#jobs.length === 1) this.#headSince = performance.now()
  }

  /** Writes what was submitted, in one piece. */
  send(): void {
    if (this.#encoder.isEmpty) return
    this.#socket.write(this.#encoder.take())
    // a write that did not end at once still reads the memory
    if (this.#socket.writableLength > 0) this.#encoder.abandonMemory()
  }

  /** Looks at the clock of the head job. */
  check(now: number): void {
    const head = this.#jobs.peek()
    if (head === undefined) return
    const lateMs = now - this.#headSince - head.allowanceMs
    if (lateMs <= 0) return
    if (this.#state !== 'overdue') this.#step('late', 'it did not start in time')
    if (this.#state === 'overdue' && this.#isSpent(lateMs))
      this.#step('spent', 'a plugin does not come to an end')
  }

  /** The broker was busy itself: time in which it could not have read an answer does not count. */
  forgive(stallMs: number): void {
    this.#headSince += stallMs
  }

  /** @param lostAs what becomes of the jobs that it has. */
  kill(reason: string, lostAs: LostOutcome = 'crash'): void {
    if (!this.isStopped) this.#lostAs = lostAs
    this.#step('stop', reason)
  }

  /** From now on an answer may be this long. To be called while it has nothing to answer but its hello. */
  allowAnswers(maxAnswerBytes: number): void {
    this.#reader = new FrameReader(maxAnswerBytes)
  }

  #isSpent(lateMs: number): boolean {
    if (lateMs >= OVERDUE_WALL_MS) return true
    const cpu = this.#child.pid === undefined ? undefined : cpuTimeMs(this.#child.pid)
    this.#cpuWhenLate ??= cpu
    return cpu !== undefined && this.#cpuWhenLate !== undefined && cpu - this.#cpuWhenLate >= OVERDUE_CPU_MS
  }

  #read(chunk: Uint8Array): void {
    if (this.#state === 'stopped') return
    this.#reader.push(chunk)
    let found = this.#reader.next()
    for (; found === 'frame'; found = this.#reader.next()) {
      if (!this.#answered()) return this.#step('hostile', 'it sent what no cell sends')
      if (this.isStopped) return
    }
    if (found === 'malformed') return this.#step('hostile', 'it sent a malformed frame')
    if (this.isReady) this.#owner.cellAnswered(this)
  }

  /** Each frame of a cell answers its oldest job, and repeats the job's header. */
  #answered(): boolean {
    const job = this.#jobs.peek()
    const { type, outcome, count, epoch, instance, generation, id } = this.#reader.header
    if (job === undefined || type !== ANSWERED_BY[job.type] || id !== this.#headId || epoch !== this.epoch)
      return false
    if (instance !== job.instance || generation !== job.generation || count !== job.count) return false
    const ended = FRAME_OUTCOMES[outcome]
    const body = this.#decode(this.#reader.body)
    if (ended === undefined || body === undefined) return false
    this.#jobs.shift()
    this.#headId = (this.#headId + 1) >>> 0
    const now = performance.now()
    this.#owner.cellWorked(instance, now - this.#headSince)
    this.#headSince = now
    this.#cpuWhenLate = undefined
    this.#stderrChars = 0
    this.#step('answered', '')
    return job.done(ended, body)
  }

  #decode(body: Uint8Array): string | undefined {
    try {
      return this.#decoder.decode(body)
    } catch {
      return undefined
    }
  }

  /** Reading takes the broker's time: last words without end are not heard out. */
  #wrote(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS)
    this.#stderrChars += text.length
    if (this.#stderrChars > STDERR_FLOOD_CHARS) this.#step('hostile', 'it floods its stderr')
  }

  #exited(reason: string): void {
    if (this.#gone) return
    this.#gone = true
    this.#command.ended?.()
    const said = this.#stderr.trim()
    if (this.#reason === '') this.#reason = said === '' ? reason : `${reason}: ${said}`
    this.#step('exited', '')
  }

  #step(event: CellEvent, reason: string): void {
    const { state, action } = CELL_STEPS[this.#state][event]
    this.#state = state
    if (action === 'announce') this.#owner.cellReady(this)
    else if (action === 'excuse') this.#jobs.peek()?.overdue()
    else if (action === 'kill') this.#kill(reason)
    else if (action === 'bury') this.#bury()
  }

  #kill(reason: string): void {
    this.#reason = reason
    try {
      killLaunched(this.#child, this.#command.waits)
    } catch (error) {
      this.#note(messageOf(error))
    }
  }

  #bury(): void {
    this.#socket.destroy()
    let atWork = true
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      job.lost(atWork, this.#lostAs)
      atWork = false
    }
    this.#owner.cellEnded(this, this.#reason)
  }

  #note(text: string): void {
    this.#stderr = `${this.#stderr}${text}\n`.slice(-STDERR_CHARS)
  }
}

/** The first job: answering it is how a cell says that it is there. */
class Hello implements Job {
  readonly type: number = FRAME.hello
  readonly instance: number = 0
  readonly generation: number = 0
  readonly count: number = 0
  readonly allowanceMs: number = CELL_START_MS

  done(): boolean {
    return true
  }

  overdue(): void {
    // nobody waits for it
  }

  lost(): void {
    // its owner is told that the cell ended
  }
}
