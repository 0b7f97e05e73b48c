import { TimerEntry } from './timer-wheel.ts'

/** A timer of its own, for what is seldom armed: a call when its time has come. */
export class Alarm extends TimerEntry {
  readonly #ring: () => void

  constructor(ring: () => void) {
    super()
    this.#ring = ring
  }

  override expired(): void {
    this.#ring()
  }
}
