import { BulkheadError } from './errors.ts'

/** How what was started is brought to its end. */
export interface Ending {
  /** Makes what a start waits for end soon. */
  interrupt(): Promise<void>
  /** Undoes whatever stands; it is asked for once. */
  end(): Promise<void>
}

/** A start that a stop cuts short: whoever asks for the end does not wait for the beginning. */
export class Startup {
  readonly #ending: Ending
  #underWay: Promise<void> | undefined
  #isStopped = false
  #ended: Promise<void> | undefined

  constructor(ending: Ending) {
    this.#ending = ending
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** @throws BulkheadError ERR_STOPPED: the end was asked for meanwhile. */
  goOn(): void {
    if (this.#isStopped)
      throw new BulkheadError('ERR_STOPPED', 'the broker was stopped before it had started')
  }

  /**
   * @param steps call {@link goOn} after each wait.
   * @throws what a step threw, when all is undone; ERR_STOPPED if {@link stop} came before their end.
   */
  async start(steps: () => Promise<void>): Promise<void> {
    this.#underWay = this.#run(steps)
    try {
      await this.#underWay
    } finally {
      this.#underWay = undefined
    }
  }

  /** Resolves when nothing stands any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#underWay !== undefined) {
      await this.#ending.interrupt()
      // who started it is told why it did not come to its end
      await Promise.allSettled([this.#underWay])
    }
    await this.#end()
  }

  async #run(steps: () => Promise<void>): Promise<void> {
    try {
      this.goOn()
      await steps()
      this.goOn()
    } catch (error) {
      await this.#end()
      // what failed because it was interrupted is no reason of its own
      this.goOn()
      throw error
    }
  }

  #end(): Promise<void> {
    this.#ended ??= this.#ending.end()
    return this.#ended
  }
}
