import type { Call } from './call.ts'
import type { Outbox } from './outbox.ts'
import { sliceText, toJson } from './primordials.ts'

/** How the loading of a plugin stands: over, or waiting for what `setup` asked of the host. */
export class Loading {
  readonly #outbox: Outbox
  readonly #call: Call
  #failure: string | undefined
  #told = false

  constructor(outbox: Outbox, call: Call) {
    this.#outbox = outbox
    this.#call = call
  }

  /**
   * `setup` has ended; '' : well.
   *
   * @returns false when the host was told already that it waits: it gets the answer as one that comes late.
   */
  end(failure: string): boolean {
    if (this.#told) return false
    this.#failure = failure
    this.#outbox.end(this.#call, failure === '' ? SETUP_PLACE : undefined)
    return true
  }

  /** The body of `loaded`. */
  text(canWait: boolean, waits: (call: Call) => void, side: () => string): string {
    this.#told = true
    let state = ''
    if (this.#failure === undefined && canWait) {
      waits(this.#call)
      state = `,"w":${this.#outbox.number(this.#call)}`
    } else {
      if (this.#failure === undefined) this.#outbox.end(this.#call, undefined)
      const failure = this.#failure ?? 'setup returned a promise that cannot settle'
      if (failure !== '') state = `,"e":${toJson(failure)}`
    }
    return `{${sliceText(state + side(), 1)}}`
  }
}

const SETUP_PLACE = -1
