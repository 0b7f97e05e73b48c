import { VERDICT_CHARS_PER_TENANT, VERDICTS_PER_TENANT } from '../base/limits.ts'
import { Revocations, type SaidOf, type TakenBackOf } from './revocations.ts'

/**
 * What the remembered verdicts of one tenant's clients share: room for them, and when plugins took back what
 * they had said.
 */
export class VerdictMemory {
  #verdicts = 0
  #chars = 0
  /** By plugin name, on the monotonic clock in ms. */
  readonly #takenBackAt = new Map<string, number>()
  /** By plugin name. */
  readonly #revocations = new Map<string, Revocations>()

  get verdicts(): number {
    return this.#verdicts
  }

  /** @returns false: the tenant's clients have filled it. */
  take(chars: number): boolean {
    const isFull = this.#verdicts >= VERDICTS_PER_TENANT || this.#chars + chars > VERDICT_CHARS_PER_TENANT
    if (isFull) return false
    this.#verdicts += 1
    this.#chars += chars
    return true
  }

  giveBack(chars: number): void {
    this.#verdicts -= 1
    this.#chars -= chars
  }

  /**
   * The plugin has changed its mind. What it answers from now on to what it was asked before may still be
   * what it thought then, so that none of it is remembered.
   */
  takeBack(plugin: string, of: TakenBackOf): void {
    const now = performance.now()
    this.#takenBackAt.set(plugin, now)
    const revocations = this.#revocations.get(plugin) ?? new Revocations()
    this.#revocations.set(plugin, revocations)
    revocations.add(of, now)
  }

  /**
   * Whether the plugin has since taken back what it says of this client, or under this tag.
   *
   * @param askedAt on the monotonic clock in ms.
   */
  isTakenBack(plugin: string, what: SaidOf, askedAt: number): boolean {
    return this.#revocations.get(plugin)?.concerns(what, askedAt) ?? false
  }

  /** @param askedAt on the monotonic clock in ms. */
  isStale(plugin: string, askedAt: number): boolean {
    return askedAt <= (this.#takenBackAt.get(plugin) ?? Number.NEGATIVE_INFINITY)
  }
}
