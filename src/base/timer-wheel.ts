import { WHEEL_SLOTS, WHEEL_TICK_MS } from './limits.ts'

/**
 * What a {@link TimerWheel} calls when its time has come. It is its own link in the wheel: arming allocates
 * nothing.
 */
export abstract class TimerEntry {
  /** The wheel's own: the neighbours in the slot, both null while not armed. */
  previous: TimerEntry | null = null
  next: TimerEntry | null = null
  /** The wheel's own: the tick at which the entry is due. */
  dueTick = 0

  /** Called once for each arming, with the entry no longer armed: it may arm itself again. */
  abstract expired(): void

  get armed(): boolean {
    return this.next !== null
  }
}

/** A slot's list is a ring that begins and ends here, so that no link is ever missing. */
class Slot extends TimerEntry {
  override previous: TimerEntry = this
  override next: TimerEntry = this

  get empty(): boolean {
    return this.next === this
  }

  append(entry: TimerEntry): void {
    const last = this.previous
    entry.previous = last
    entry.next = this
    last.next = entry
    this.previous = entry
  }

  /** @param other an empty slot. */
  moveTo(other: Slot): void {
    const first = this.next
    const last = this.previous
    other.next = first
    other.previous = last
    first.previous = other
    last.next = other
    this.next = this
    this.previous = this
  }

  override expired(): never {
    throw new Error('broken invariant: a slot is never due')
  }
}

/**
 * Coarse timers by the hundred thousand: keep alive, will delay, session expiry. Arming and cancelling are
 * O(1); an entry never expires early, and at most a tick late. One timer of Node's serves all, only while
 * something is armed, and never keeps the process alive.
 */
export class TimerWheel {
  readonly #slots: readonly Slot[] = Array.from({ length: WHEEL_SLOTS }, () => new Slot())
  readonly #now: () => number
  #armed = 0
  #doneTick = 0
  #timer: NodeJS.Timeout | null = null

  /** @param now a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  get size(): number {
    return this.#armed
  }

  /** Arms the entry; one that is armed already is armed anew. */
  add(entry: TimerEntry, dueInMs: number): void {
    this.cancel(entry)
    const now = this.#now()
    if (this.#timer === null) {
      this.#doneTick = Math.floor(now / WHEEL_TICK_MS)
      this.#schedule(now)
    }
    // in the past or right now is due at the next turn: never inside this call
    entry.dueTick = Math.max(Math.ceil((now + dueInMs) / WHEEL_TICK_MS), this.#doneTick + 1)
    this.#slotOf(entry.dueTick).append(entry)
    this.#armed += 1
  }

  /** Disarms the entry; one that is not armed stays so. */
  cancel(entry: TimerEntry): void {
    if (!entry.armed) return
    unlink(entry)
    this.#armed -= 1
    if (this.#armed === 0) this.#rest()
  }

  /**
   * Calls what is due by now. Node's timer does this once a tick; tests call it with a clock of their own.
   */
  readonly turn = (): void => {
    const nowTick = Math.floor(this.#now() / WHEEL_TICK_MS)
    // after a long sleep each slot is looked at once, whatever the number of rounds missed
    const slots = Math.min(nowTick - this.#doneTick, WHEEL_SLOTS)
    this.#doneTick = nowTick
    for (let back = slots - 1; back >= 0; back -= 1) this.#empty(nowTick - back, nowTick)
    if (this.#armed > 0) this.#schedule(this.#now())
  }

  /** The next turn is when the next tick begins: whatever it came later by, all would be late by. */
  #schedule(now: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    const untilTick = WHEEL_TICK_MS - (now % WHEEL_TICK_MS)
    this.#timer = setTimeout(this.turn, Math.ceil(untilTick)).unref()
  }

  #empty(tick: number, nowTick: number): void {
    const slot = this.#slotOf(tick)
    if (slot.empty) return
    // the entries move to a list of their own first: what expires may arm and cancel whatever it likes
    const batch = new Slot()
    slot.moveTo(batch)
    while (!batch.empty) {
      const entry = batch.next
      unlink(entry)
      if (entry.dueTick > nowTick) {
        slot.append(entry) // of a later round
        continue
      }
      this.#armed -= 1
      entry.expired()
    }
    if (this.#armed === 0) this.#rest()
  }

  #slotOf(tick: number): Slot {
    return this.#slots[tick % WHEEL_SLOTS] as Slot
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}

function unlink(entry: TimerEntry): void {
  const { previous, next } = entry
  if (previous !== null) previous.next = next
  if (next !== null) next.previous = previous
  entry.previous = null
  entry.next = null
}
