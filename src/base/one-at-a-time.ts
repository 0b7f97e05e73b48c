import { BulkheadError } from './errors.ts'
import { CHANGES_WAITING } from './limits.ts'

/** Work that changes the same thing is done one after the other, in the order in which it came. */
export class OneAtATime {
  readonly #lasts = new Map<string, { readonly done: Promise<unknown>; waiting: number }>()

  /**
   * @param what names the thing; in messages, too.
   * @param mostWaiting so many may wait; Infinity for work whose number is bounded elsewhere.
   * @throws BulkheadError ERR_CONFLICT: too many wait for it already; and whatever the work throws.
   */
  async run<Result>(
    what: string,
    work: () => Promise<Result>,
    mostWaiting: number = CHANGES_WAITING,
  ): Promise<Result> {
    const last = this.#lasts.get(what)
    if (last !== undefined && last.waiting >= mostWaiting)
      throw new BulkheadError('ERR_CONFLICT', `too many changes of ${what} wait already; try again`)
    // the next one begins however this one ends; its own caller hears of a failure
    const result = (last?.done ?? Promise.resolve()).then(work)
    const own = { done: result.catch(() => undefined), waiting: (last?.waiting ?? 0) + 1 }
    this.#lasts.set(what, own)
    try {
      return await result
    } finally {
      own.waiting -= 1
      if (this.#lasts.get(what) === own) this.#lasts.delete(what)
    }
  }
}
