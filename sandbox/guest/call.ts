import type { IsolateLimits } from '../wire/messages.ts'

/** An effect as the text of a list's elements: the capability's name, the argument. */
export interface Effect {
  readonly json: string
  readonly next: Effect | undefined
}

/** One call of a hook, of `setup` or of a timer: what it may still use, and what it left to be done. */
export class Call {
  /** Under which number the host knows it while it waits; 0: it has not asked the host for anything. */
  number = 0
  /** Its verdict is out: whoever still holds its `ctx` can do nothing with it. */
  ended = false
  callsLeft: number
  /** How many effects of each kind it may still have. */
  readonly left: { publish: number; metrics: number }
  /** Newest first. They leave when the call has ended well. */
  effects: Effect | undefined = undefined

  constructor(limits: IsolateLimits) {
    this.callsLeft = limits.capabilityCallsPerCall
    this.left = { publish: limits.publishesPerCall, metrics: limits.logsPerCall }
  }
}
