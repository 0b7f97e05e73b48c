import type { WorkTurns } from '../../../src/base/work-turns.ts'
import { CELLS_AWAITED, TURNS_CHECK_MS } from '../../limits.ts'
import type { CellCounts } from '../counts.ts'
import type { CellBounds, Jail } from '../jail.ts'
import { Launcher } from '../jail/launcher.ts'
import { Respawn } from '../respawn.ts'
import { sameBounds } from './cell-bounds.ts'
import { type CellOwner, CellProcess } from './cell-process.ts'
import { politestFirst, type Resident, whoMakesRoom } from './make-room.ts'
import { StartGate, startsAtOnce } from './start-gate.ts'
import type { Watch, Watched } from './watch.ts'

/** Who wants a cell, or has one. */
export interface CellHolder extends CellOwner {
  readonly bounds: CellBounds
  /** An answer that is longer is none of a cell of ours. */
  readonly maxAnswerBytes: number
  /** Whether its cell may be asked to make room: it serves, and is not about to end. */
  readonly mayYield: boolean
  /** Since when its cell has had nothing to do; undefined: it has none, or uses it. */
  readonly idleSince: number | undefined
  /** How much it has made its cells work lately, in ms. */
  useMs(now: number): number
  /** Its cell is there. It may still be starting: `cellReady` comes when it serves. */
  cellGiven(cell: CellProcess): void
  /** Somebody else needs the place: the cell is to end once what it was asked is answered. */
  yieldCell(): void
  /** There will be no cell: the pool is stopped. */
  cellDenied(): void
}

/** What the pool makes cells of. */
export interface CellSupply {
  readonly jail: Jail
  readonly program: string
  readonly spareCells: number
  /** Spares and throw-away cells included. */
  readonly maxCells: number
  readonly watch: Watch
  /** In which what cells send is judged. */
  readonly turns: WorkTurns
  nextEpoch(): number
}

/**
 * All cells of a host. A few spares wait, started and greeted, for the next tenant whose bounds they have; a
 * cell that had a tenant is never anybody else's. When the places are used up the spares go first; then
 * tenants take turns, as `make-room.ts` says.
 */
export class CellPool implements Watched {
  readonly #supply: CellSupply
  readonly #launcher: Launcher
  readonly #gate = new StartGate(startsAtOnce())
  readonly #places: Set<Place> = new Set()
  /** Those that wait for a place, in the order in which they came. */
  readonly #waiting: Set<CellHolder> = new Set()
  #lookedAt = 0
  readonly #respawn = new Respawn()
  #spareTimer: NodeJS.Timeout | undefined
  /** Of the holder that is most like the next one: the latest. */
  #spareBounds: CellBounds | undefined
  #stopped: PromiseWithResolvers<void> | undefined

  constructor(supply: CellSupply) {
    this.#supply = supply
    this.#launcher = new Launcher(supply.program)
  }

  get counts(): CellCounts {
    let spare = 0
    for (const { holder, isGreeted } of this.#places) if (holder === undefined && isGreeted) spare += 1
    return { running: this.#places.size, spare, most: this.#supply.maxCells }
  }

  /** Keeps spares with these bounds ready. */
  expect(bounds: CellBounds): void {
    this.#spareBounds = bounds
    this.#replenish()
  }

  /** Gives a cell, now or when it is its turn. @returns false: too many wait already. */
  request(holder: CellHolder): boolean {
    if (this.#stopped !== undefined) return false
    for (const place of this.#places) {
      if (!place.isSpareFor(holder.bounds)) continue
      place.assign(holder)
      this.#replenish()
      return true
    }
    if (this.#waiting.size >= CELLS_AWAITED) return false
    this.#waiting.add(holder)
    if (this.#isFull) this.#makeRoom(performance.now())
    this.#admit()
    // turns come to their end by time alone
    if (this.#waiting.size > 0) this.#supply.watch.watch(this)
    return true
  }

  check(now: number): boolean {
    if (now - this.#lookedAt < TURNS_CHECK_MS) return true
    this.#makeRoom(now)
    this.#admit()
    return this.#waiting.size > 0
  }

  /** It does not want a cell any more; one that is there already is its own to end. */
  withdraw(holder: CellHolder): void {
    this.#waiting.delete(holder)
    for (const place of this.#places) if (place.holder === holder) this.#abandon(place)
    this.#admit()
  }

  /** Ends all cells, whosever they are. Resolves when their processes are gone. */
  async stop(): Promise<void> {
    this.#stopped ??= Promise.withResolvers<void>()
    clearTimeout(this.#spareTimer)
    const denied = [...this.#waiting]
    for (const place of this.#places) {
      this.#abandon(place)
      if (place.holder !== undefined) denied.push(place.holder)
    }
    this.#waiting.clear()
    // who still waits is told that it was our will, before its cell's end looks like a crash
    for (const holder of denied) holder.cellDenied()
    for (const { cell } of this.#places) cell?.kill(STOPPED)
    if (this.#places.size === 0) this.#stopped.resolve()
    await this.#stopped.promise
    await this.#launcher.stop()
  }

  /** Ends what is left without waiting for anything to answer. */
  kill(): void {
    this.#launcher.kill()
  }

  get #isFull(): boolean {
    return this.#places.size >= this.#supply.maxCells
  }

  /** Places that are about to be free. */
  get #leaving(): number {
    let leaving = 0
    for (const place of this.#places) if (place.isLeaving) leaving += 1
    return leaving
  }

  #begin(bounds: CellBounds, holder: CellHolder | undefined): void {
    const place = new Place(bounds, holder, {
      spawn: (owner) => this.#spawn(owner, holder),
      greeted: () => {
        this.#gate.leave()
        this.#replenish()
      },
      ended: (ended) => this.#ended(ended),
    })
    this.#places.add(place)
    this.#gate.enter(place.start)
  }

  #spawn(place: Place, holder: CellHolder | undefined): CellProcess {
    const { jail, watch, turns } = this.#supply
    watch.watch(place)
    return new CellProcess(place, {
      launcher: this.#launcher,
      command: jail.command(place.bounds),
      epoch: this.#supply.nextEpoch(),
      maxAnswerBytes: holder?.maxAnswerBytes ?? 0,
      turns,
    })
  }

  /** @returns whether its place is free at once: its cell did not start yet. */
  #abandon(place: Place): boolean {
    if (place.cell !== undefined) return false
    this.#gate.withdraw(place.start)
    return this.#places.delete(place)
  }

  /** Tells cells to leave whose turn is over, at most as many as others can start in their places. */
  #makeRoom(now: number): void {
    this.#lookedAt = now
    // who waits for a place that is about to be free needs no other
    const wanting = this.#byTurn(now).slice(this.#leaving, startsAtOnce())
    for (const waiter of wanting) {
      const places = [...this.#places]
      const spare = places.find((place) => place.holder === undefined && !place.isLeaving)
      const residents = places.flatMap((place) => place.resident(now) ?? [])
      const leaving = spare ?? whoMakesRoom(residents, waiter.useMs(now))?.place
      // those behind it are greedier: nobody makes room for them either
      if (leaving === undefined) return
      leaving.wasToldToLeave = true
      if (leaving.holder !== undefined) leaving.holder.yieldCell()
      else if (!this.#abandon(leaving)) leaving.cell?.kill(STOPPED)
    }
  }

  /** Those that wait get what places there are. */
  #admit(): void {
    if (this.#isFull || this.#waiting.size === 0) return
    for (const holder of this.#byTurn(performance.now())) {
      if (this.#isFull) return
      this.#waiting.delete(holder)
      this.#begin(holder.bounds, holder)
    }
  }

  #byTurn(now: number): readonly CellHolder[] {
    return politestFirst(this.#waiting, (holder) => holder.useMs(now))
  }

  #ended(place: Place): void {
    if (!place.isGreeted) this.#gate.leave()
    this.#places.delete(place)
    if (this.#stopped !== undefined) {
      if (this.#places.size === 0) this.#stopped.resolve()
      return
    }
    this.#admit()
    if (place.holder !== undefined || place.wasToldToLeave) return this.#replenish()
    const delayMs = this.#respawn.failed(performance.now())
    clearTimeout(this.#spareTimer)
    this.#spareTimer = setTimeout(() => {
      this.#spareTimer = undefined
      this.#replenish()
    }, delayMs).unref()
  }

  /** Spares start while nobody's own cell does: they must not take the processor from who waits. */
  #replenish(): void {
    const bounds = this.#spareBounds
    if (bounds === undefined || this.#stopped !== undefined || this.#spareTimer !== undefined) return
    let spares = 0
    for (const { holder, isGreeted } of this.#places) {
      if (holder === undefined) spares += 1
      else if (!isGreeted) return
    }
    for (; spares < this.#supply.spareCells && !this.#isFull; spares += 1) this.#begin(bounds, undefined)
  }
}

const STOPPED = 'stopped'

/** What a place tells its pool. */
interface PlaceEvents {
  spawn(place: Place): CellProcess
  greeted(): void
  ended(place: Place): void
}

/** One process, or the right to start one. It stands between the cell and whoever holds it at the time. */
class Place implements CellOwner, Watched {
  readonly bounds: CellBounds
  /** Undefined: a spare. */
  holder: CellHolder | undefined
  cell: CellProcess | undefined
  isGreeted = false
  wasToldToLeave = false
  /** Since when its cell has served its holder. */
  #servesSince = 0
  readonly #events: PlaceEvents

  constructor(bounds: CellBounds, holder: CellHolder | undefined, events: PlaceEvents) {
    this.bounds = bounds
    this.holder = holder
    this.#events = events
  }

  readonly start = (): void => {
    const cell = this.#events.spawn(this)
    this.cell = cell
    this.holder?.cellGiven(cell)
  }

  /** Its cell was told to end, or killed: it will soon be free. */
  get isLeaving(): boolean {
    return this.wasToldToLeave || this.cell?.isStopped === true
  }

  /** Its holder, when somebody else wants the place. */
  resident(now: number): (Resident & { readonly place: Place }) | undefined {
    const { holder } = this
    if (holder === undefined) return undefined
    const serves = holder.mayYield && !this.isLeaving
    const idleMs = holder.idleSince === undefined ? undefined : now - holder.idleSince
    return { place: this, servedMs: serves ? now - this.#servesSince : 0, idleMs, useMs: holder.useMs(now) }
  }

  /** A start has its clock too; once it served, whoever holds the cell looks at it. */
  check(now: number, stallMs: number): boolean {
    if (this.isGreeted || this.cell === undefined) return false
    this.cell.forgive(stallMs)
    this.cell.check(now)
    return !this.cell.isStopped
  }

  isSpareFor(bounds: CellBounds): boolean {
    if (this.holder !== undefined || this.isLeaving || this.cell?.isReady !== true) return false
    return sameBounds(this.bounds, bounds)
  }

  assign(holder: CellHolder): void {
    const { cell } = this
    if (cell === undefined) return
    this.holder = holder
    cell.allowAnswers(holder.maxAnswerBytes)
    this.#servesSince = performance.now()
    holder.cellGiven(cell)
    holder.cellReady(cell)
  }

  cellReady(cell: CellProcess): void {
    this.isGreeted = true
    this.#servesSince = performance.now()
    this.#events.greeted()
    this.holder?.cellReady(cell)
  }

  cellWorked(instance: number, ms: number): void {
    this.holder?.cellWorked(instance, ms)
  }

  cellAnswered(cell: CellProcess): void {
    this.holder?.cellAnswered(cell)
  }

  cellEnded(cell: CellProcess, reason: string): void {
    this.#events.ended(this)
    this.holder?.cellEnded(cell, reason)
  }
}
