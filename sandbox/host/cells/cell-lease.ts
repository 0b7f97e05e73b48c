import { CLOSE_MS, STARTS_IN_A_ROW, STARTS_REFILL_MS } from '../../limits.ts'
import { Budget } from '../budget.ts'
import type { CellStatus } from '../host-ports.ts'
import type { CellBounds } from '../jail.ts'
import { Respawn } from '../respawn.ts'
import type { CellHolder, CellPool } from './cell-pool.ts'
import type { CellProcess } from './cell-process.ts'
import { CellUse } from './cell-use.ts'

/** What a lease needs of its tenant, and what it tells it. */
export interface Tenancy {
  readonly bounds: CellBounds
  readonly maxAnswerBytes: number
  /** Nothing is asked, told or waited for. */
  readonly isIdle: boolean
  /** Something runs in the cell by itself. */
  readonly keepsCell: boolean
  /** Something that was begun in the cell waits in there. */
  readonly isAtWork: boolean
  /** @param waitedMs since the cell was wanted. */
  cellReady(cell: CellProcess, waitedMs: number): void
  cellWorked(instance: number, ms: number): void
  cellAnswered(): void
  /** @param served whether it ever did. @param resting it was told to end, because it had nothing to do. */
  cellEnded(cell: CellProcess, reason: string, served: boolean, resting: boolean): void
  /** There was no place in time, or too many wait for one. */
  cellRefused(): void
  /** The cell has nothing to do: what it has is to be unloaded. */
  rest(cell: CellProcess): void
}

/**
 * A tenant's claim to a cell: none while it sleeps, then one after the other. It starts when it is wanted,
 * starts again when it ended by itself, and sleeps again when nothing was asked for a while.
 */
export class CellLease implements CellHolder {
  readonly #tenancy: Tenancy
  readonly #pool: CellPool
  readonly #idleStopMs: number
  readonly #starts = new Budget(STARTS_IN_A_ROW, 1 / STARTS_REFILL_MS, performance.now())
  readonly #use = new CellUse(performance.now())
  readonly #respawn = new Respawn()
  #status: CellStatus = 'asleep'
  #isStopped = false
  #cell: CellProcess | undefined
  /** To the next start, to the end of a closing, or to the next look whether it is idle. */
  #timer: NodeJS.Timeout | undefined
  #wantedAt = 0
  #usedAt = 0
  /** Since when it waits for a place, or for its start's turn. */
  #queuedSince: number | undefined
  /** When its present cell's start began, or its last one's. */
  #begunAt = 0
  /** Somebody else is to get the place. */
  #isYielding = false
  #gone: PromiseWithResolvers<void> | undefined

  constructor(tenancy: Tenancy, pool: CellPool, idleStopMs: number) {
    this.#tenancy = tenancy
    this.#pool = pool
    this.#idleStopMs = idleStopMs
  }

  get status(): CellStatus {
    return this.#status
  }

  get pid(): number | undefined {
    return this.#cell?.pid
  }

  /** The cell once it serves, until it is gone. While it starts, the pool looks at its clock. */
  get awake(): CellProcess | undefined {
    return this.#status === 'starting' ? undefined : this.#cell
  }

  /** Since when it waits for others, before its own start can begin; undefined: it does not. */
  get queuedSince(): number | undefined {
    return this.#queuedSince
  }

  /** When the last start began. */
  get begunAt(): number {
    return this.#begunAt
  }

  /** Nothing new is to be begun in the cell: others wait for its place. */
  get isYielding(): boolean {
    return this.#isYielding
  }

  /** The cell, if frames may be sent to it. */
  get serving(): CellProcess | undefined {
    return this.#status === 'ready' ? this.#cell : undefined
  }

  get bounds(): CellBounds {
    return this.#tenancy.bounds
  }

  get maxAnswerBytes(): number {
    return this.#tenancy.maxAnswerBytes
  }

  get mayYield(): boolean {
    return this.serving !== undefined && !this.#isYielding
  }

  get idleSince(): number | undefined {
    const isFree = this.serving?.jobs === 0 && this.#tenancy.isIdle && !this.#tenancy.keepsCell
    return isFree ? this.#usedAt : undefined
  }

  /** @returns whether there is a cell, or will be one. */
  want(): boolean {
    if (this.#isStopped) return false
    if (this.#status !== 'asleep') return true
    this.#wantedAt = performance.now()
    return this.#start(0)
  }

  /** Something was asked in it just now. */
  used(now: number): void {
    this.#usedAt = now
  }

  /** Ends the cell once it did what it has to do, or CLOSE_MS passed. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#withdraw()
    const cell = this.#cell
    if (cell === undefined) {
      clearTimeout(this.#timer)
      this.#status = 'asleep'
      return
    }
    this.#gone ??= Promise.withResolvers<void>()
    if (this.#status !== 'closing') this.#close(cell)
    await this.#gone.promise
  }

  /** It has waited for others for too long, and nothing of its tenant waits any more. */
  giveUp(): void {
    this.#withdraw()
    this.#status = 'asleep'
    this.#tenancy.cellRefused()
  }

  yieldCell(): void {
    this.#isYielding = true
    this.leaveIfDone()
  }

  /** Ends a cell that yields, once all that was begun in it has ended. */
  leaveIfDone(): void {
    const cell = this.serving
    if (!this.#isYielding || cell === undefined || cell.jobs > 0 || this.#tenancy.isAtWork) return
    // that it has to start again is not its own doing
    this.#starts.restore(1, performance.now())
    this.#rest(cell)
  }

  useMs(now: number): number {
    return this.#use.at(now)
  }

  cellGiven(cell: CellProcess): void {
    this.#cell = cell
    this.#queuedSince = undefined
    this.#begunAt = performance.now()
  }

  cellReady(cell: CellProcess): void {
    const now = performance.now()
    this.#status = 'ready'
    this.#usedAt = now
    this.#lookLater(this.#idleStopMs)
    this.#tenancy.cellReady(cell, now - this.#wantedAt)
  }

  cellWorked(instance: number, ms: number): void {
    this.#use.worked(ms, performance.now())
    this.#tenancy.cellWorked(instance, ms)
  }

  cellAnswered(cell: CellProcess): void {
    if (this.#status !== 'closing') this.#tenancy.cellAnswered()
    else if (cell.jobs === 0) cell.kill(STOPPED)
  }

  cellEnded(cell: CellProcess, reason: string): void {
    const status = this.#status
    clearTimeout(this.#timer)
    this.#cell = undefined
    this.#isYielding = false
    this.#status = 'asleep'
    this.#tenancy.cellEnded(cell, reason, status !== 'starting', status === 'closing')
    this.#gone?.resolve()
    if (this.#isStopped || status === 'closing') return
    this.#wantedAt = performance.now()
    if (!this.#start(this.#respawn.failed(this.#wantedAt))) this.#tenancy.cellRefused()
  }

  cellDenied(): void {
    this.#queuedSince = undefined
    this.#status = 'asleep'
  }

  #start(delayMs: number): boolean {
    const now = performance.now()
    const waitMs = Math.max(delayMs, this.#starts.msUntil(1, now))
    this.#status = 'starting'
    if (waitMs > 0) {
      this.#timer = setTimeout(() => {
        if (!this.#start(0)) this.#tenancy.cellRefused()
      }, waitMs)
      return true
    }
    this.#queuedSince = now
    if (!this.#pool.request(this)) {
      this.#queuedSince = undefined
      this.#status = 'asleep'
      return false
    }
    this.#starts.spend(1, now)
    return true
  }

  #withdraw(): void {
    this.#queuedSince = undefined
    this.#pool.withdraw(this)
  }

  #rest(cell: CellProcess): void {
    this.#tenancy.rest(cell)
    this.#close(cell)
  }

  #close(cell: CellProcess): void {
    clearTimeout(this.#timer)
    const serves = this.#status === 'ready'
    this.#status = 'closing'
    cell.send()
    if (!serves || !cell.isReady || cell.jobs === 0) return cell.kill(STOPPED)
    this.#timer = setTimeout(() => cell.kill(STOPPED), CLOSE_MS)
  }

  #lookLater(ms: number): void {
    // never the reason for a process to stay alive
    this.#timer = setTimeout(this.#look, ms).unref()
  }

  readonly #look = (): void => {
    const leftMs = this.#usedAt + this.#idleStopMs - performance.now()
    const cell = this.serving
    if (leftMs <= 0 && cell !== undefined && this.idleSince !== undefined) this.#rest(cell)
    else this.#lookLater(leftMs > 0 ? leftMs : this.#idleStopMs)
  }
}

/** The reason of an end that was meant. */
const STOPPED = 'stopped'
