import type { Socket } from 'node:net'
import { assert } from '../../../src/base/assert.ts'
import { WORK_TURNS } from '../../../src/base/limits.ts'
import { RingBuffer } from '../../../src/base/ring-buffer.ts'
import type { Steps, WorkTurns } from '../../../src/base/work-turns.ts'
import { CELL_START_MS, JOBS_UNDER_WAY, OVERDUE_CPU_MS, OVERDUE_WALL_MS, STDERR_CHARS } from '../../limits.ts'
import { FrameReader } from '../../wire/frames.ts'
import { ANSWERED_BY, FRAME, FRAME_OUTCOMES } from '../../wire/messages.ts'
import type { CellCommand } from '../jail/launch.ts'
import type { Launched, Launcher, LaunchEvents } from '../jail/launcher.ts'
import { CELL_STEPS, type CellEvent, type CellState } from './cell-state.ts'
import { cpuTimeMs } from './cpu-time.ts'
import { FrameEncoder } from './frame-encoder.ts'
import type { Job, Judging, LostOutcome } from './job.ts'

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
  readonly launcher: Launcher
  readonly command: CellCommand
  readonly epoch: number
  /** An answer that is longer is not one of ours. */
  readonly maxAnswerBytes: number
  /** What cells send is judged in turns: what comes of one frame may take milliseconds. */
  readonly turns: WorkTurns
}

/**
 * One process behind the jail, its socket, and the jobs that it has. Whatever it sends is hostile until
 * checked.
 */
export class CellProcess implements LaunchEvents {
  readonly epoch: number
  /** When it was spawned, in ms of `performance.now`. */
  readonly startedAt: number = performance.now()
  readonly #owner: CellOwner
  readonly #command: CellCommand
  readonly #launched: Launched
  readonly #turns: WorkTurns
  /** Undefined until its process is there; what is to be sent waits until then. */
  #socket: Socket | undefined
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
  /** Something that it sent has not been judged yet: meanwhile nothing more is read, and no clock runs. */
  #isJudging = false
  #state: CellState = 'starting'
  /** Why it was killed, or how it ended by itself. */
  #reason = ''
  #lostAs: LostOutcome = 'crash'
  /** What befell its socket. */
  #notes = ''
  /** Whether it answered since it was loud for the last time. */
  #hasAnswered = false

  constructor(owner: CellOwner, start: CellStart) {
    this.#owner = owner
    this.epoch = start.epoch
    this.#reader = new FrameReader(start.maxAnswerBytes)
    this.#command = start.command
    this.#turns = start.turns
    this.#launched = start.launcher.start(start.command, this)
    this.submit(new Hello(), '')
  }

  get pid(): number | undefined {
    return this.#launched.pid
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
    if (this.#encoder.isEmpty || this.#socket === undefined) return
    this.#socket.write(this.#encoder.take())
    // a write that did not end at once still reads the memory
    if (this.#socket.writableLength > 0) this.#encoder.abandonMemory()
  }

  connected(socket: Socket): void {
    if (this.isStopped) {
      socket.destroy()
      return
    }
    this.#socket = socket
    socket.on('data', (chunk: Uint8Array) => this.#read(chunk))
    // a broken pipe is told by the process's end, with a better reason
    socket.on('error', (error) => {
      this.#notes = `${this.#notes}\n${error.message}`.slice(-STDERR_CHARS)
    })
    this.send()
  }

  /** Reading takes time: last words without end are not heard out. */
  loud(): boolean {
    if (!this.#hasAnswered) this.#step('hostile', 'it floods its stderr')
    this.#hasAnswered = false
    return !this.isStopped
  }

  ended(reason: string, said: string): void {
    this.#command.ended?.()
    const last = `${said}${this.#notes}`.trim()
    if (this.#reason === '') this.#reason = last === '' ? reason : `${reason}: ${last}`
    this.#step('exited', '')
  }

  /** Looks at the clock of the head job. */
  check(now: number): void {
    const head = this.#jobs.peek()
    if (head === undefined || this.#isJudging) return
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
    const cpu = this.pid === undefined ? undefined : cpuTimeMs(this.pid)
    this.#cpuWhenLate ??= cpu
    return cpu !== undefined && this.#cpuWhenLate !== undefined && cpu - this.#cpuWhenLate >= OVERDUE_CPU_MS
  }

  #read(chunk: Uint8Array): void {
    if (this.isStopped) return
    this.#reader.push(chunk)
    this.#isJudging = true
    this.#turns.run(String(this.epoch), this.#judge(performance.now()))
    // what could not be judged at once keeps the cell from sending more
    if (this.#isJudging) this.#socket?.pause()
  }

  /** @param since when it could have been judged. */
  *#judge(since: number): Steps {
    this.forgive(performance.now() - since)
    let found = this.#reader.next()
    for (; found === 'frame' && !this.isStopped; found = this.#reader.next()) {
      if (!(yield* this.#answered())) return this.#step('hostile', 'it sent what no cell sends')
      yield WORK_TURNS.lookCost
      this.#headSince = performance.now()
    }
    this.#isJudging = false
    if (this.isStopped) return
    if (found === 'malformed') return this.#step('hostile', 'it sent a malformed frame')
    this.#socket?.resume()
    if (this.isReady) this.#owner.cellAnswered(this)
  }

  /** Each frame of a cell answers its oldest job, and repeats the job's header. */
  *#answered(): Judging {
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
    this.#hasAnswered = true
    this.#step('answered', '')
    const judging = job.done(ended, body)
    if (typeof judging === 'boolean') return judging
    for (;;) {
      const { done, value } = judging.next()
      if (done === true) return value
      yield value
      // it ended meanwhile: what is left of its answer counts no more
      if (this.isStopped) judging.return(true)
    }
  }

  #decode(body: Uint8Array): string | undefined {
    try {
      return this.#decoder.decode(body)
    } catch {
      return undefined
    }
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
    this.#launched.kill()
  }

  #bury(): void {
    this.#socket?.destroy()
    let atWork = true
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      job.lost(atWork, this.#lostAs)
      atWork = false
    }
    this.#owner.cellEnded(this, this.#reason)
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
