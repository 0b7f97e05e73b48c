import type { PluginHandle } from '../../sandbox/index.ts'
import { REMEMBERED_TOPIC_CHARS, VERDICTS_PER_CLIENT } from '../base/limits.ts'
import type { Inquiry } from './inquiry.ts'
import type { Verdict } from './verdict.ts'
import type { VerdictMemory } from './verdict-memory.ts'

/** The plugin that speaks: itself and not its name, since a new version has said nothing yet. */
export type Speaker = Pick<PluginHandle, 'name' | 'state'>

/** States in which a plugin does not answer: what it said before does not stand in for it. */
const SILENT: Readonly<Record<PluginHandle['state'], boolean>> = {
  asleep: false,
  loading: false,
  active: false,
  failed: true,
  quarantined: true,
  stopped: true,
}

interface Remembered {
  readonly speaker: Speaker
  readonly verdict: Verdict
  readonly tag: string | undefined
  /** On the monotonic clock in ms. */
  readonly until: number
  readonly chars: number
}

/**
 * Verdicts of one client that plugins allowed to be reused, allows and denials alike. The client's oldest
 * gives way to its newest; nobody's gives way to another client's. About a long topic none is remembered: it
 * would be looked up for each recipient and plugin, and publishers choose its length.
 */
export class VerdictCache {
  readonly #memory: VerdictMemory
  /** In the order of their age. */
  readonly #byKey = new Map<string, Remembered>()

  constructor(memory: VerdictMemory) {
    this.#memory = memory
  }

  get size(): number {
    return this.#byKey.size
  }

  /** @param now on the monotonic clock in ms. */
  find(speaker: Speaker, inquiry: Inquiry, now: number): Verdict | null {
    if (inquiry.topic.length > REMEMBERED_TOPIC_CHARS) return null
    const key = keyOf(speaker.name, inquiry)
    const found = this.#byKey.get(key)
    if (found === undefined) return null
    if (found.speaker !== speaker || found.until <= now) {
      this.#forget(key, found)
      return null
    }
    return SILENT[speaker.state] ? null : found.verdict
  }

  /**
   * @param verdict with `cacheMs`, from `now` on.
   * @param now on the monotonic clock in ms.
   */
  keep(speaker: Speaker, inquiry: Inquiry, verdict: Verdict, now: number): void {
    const { cacheMs = 0, cacheTag: tag }: { cacheMs?: number; cacheTag?: string } =
      verdict.verdict === 'allow' || verdict.verdict === 'deny' ? verdict : {}
    if (cacheMs <= 0 || inquiry.topic.length > REMEMBERED_TOPIC_CHARS) return
    const key = keyOf(speaker.name, inquiry)
    const known = this.#byKey.get(key)
    if (known !== undefined) this.#forget(key, known)
    else if (this.#byKey.size >= VERDICTS_PER_CLIENT) this.#forgetOldest()
    const chars = key.length + JSON.stringify(verdict).length
    while (!this.#memory.take(chars)) if (!this.#forgetOldest()) return
    this.#byKey.set(key, { speaker, verdict, tag, until: now + cacheMs, chars })
  }

  /**
   * Forgets what one plugin said.
   *
   * @param tag null: whatever it said.
   * @returns how many verdicts.
   */
  drop(plugin: string, tag: string | null): number {
    let dropped = 0
    for (const [key, remembered] of this.#byKey) {
      if (remembered.speaker.name !== plugin || (tag !== null && remembered.tag !== tag)) continue
      this.#forget(key, remembered)
      dropped += 1
    }
    return dropped
  }

  clear(): void {
    for (const [key, remembered] of this.#byKey) this.#forget(key, remembered)
  }

  #forget(key: string, { chars }: Remembered): void {
    this.#byKey.delete(key)
    this.#memory.giveBack(chars)
  }

  /** @returns false: there is none. */
  #forgetOldest(): boolean {
    const [oldest] = this.#byKey
    if (oldest === undefined) return false
    this.#forget(...oldest)
    return true
  }
}

/** The topic comes last: it may have any characters, while share names and plugin names have no newline. */
function keyOf(plugin: string, { action, topic, qos, retain, share }: Inquiry): string {
  return `${action} ${qos} ${retain ? 1 : 0} ${share}\n${plugin}\n${topic}`
}
