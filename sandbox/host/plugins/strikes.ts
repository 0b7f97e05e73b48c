import { createHash } from 'node:crypto'
import {
  BLOCK_MS,
  PROBATION_MS,
  QUARANTINE_MS,
  SOURCE_CHARS,
  STRIKE_SOURCES,
  STRIKE_WINDOW_MS,
  STRIKES,
} from '../../limits.ts'
import { Doubling } from '../doubling.ts'

/** What a strike led to: nothing yet; its source is blocked; the plugin is to be quarantined. */
export type Struck = 'counted' | 'blocked' | 'quarantined'

/** A source whose questions brought the plugin to fall. */
interface Source {
  /** Its latest strikes, in ms. */
  strikes: readonly number[]
  blockedUntil: number
  readonly block: Doubling
}

/**
 * The strikes of one plugin. They are charged to their source first, so that a crafted user name cannot
 * switch a tenant off: however often one source strikes, it is the source that is blocked. What several
 * sources bring to fall, or what falls without any client's input, is the plugin's own fault.
 */
export class Strikes {
  /** By their latest strike, the oldest first. */
  readonly #sources: Map<string, Source> = new Map()
  /** The latest strikes without a client's input. */
  #own: readonly number[] = []
  readonly #quarantine = new Doubling(QUARANTINE_MS, PROBATION_MS)
  #probationUntil = Number.NEGATIVE_INFINITY
  /** No source is blocked for longer; 0: none is. */
  #blockedUntil = 0

  /**
   * @param source whose input it was, '' for nobody's.
   * @param now in ms of `performance.now`.
   */
  strike(source: string, now: number): Struck {
    const blocks = source !== '' && this.#charge(source, now)
    if (source === '') this.#own = [...this.#own.filter((at) => isRecent(at, now)), now]
    const struck = [...this.#sources.values()].filter(({ strikes }) => isRecent(strikes.at(-1), now))
    const isGuilty = this.#own.length >= STRIKES || struck.length >= STRIKES || now < this.#probationUntil
    if (isGuilty) return 'quarantined'
    return blocks ? 'blocked' : 'counted'
  }

  /** Asked with every question: free while nobody is blocked. */
  isBlocked(source: string): boolean {
    if (this.#blockedUntil === 0) return false
    const now = performance.now()
    if (now >= this.#blockedUntil) this.#blockedUntil = 0
    return now < (this.#sources.get(keyOf(source))?.blockedUntil ?? 0)
  }

  /** The plugin goes into quarantine. @returns for how long, in ms; it comes back on probation. */
  quarantine(now: number): number {
    const ms = this.#quarantine.next(now)
    this.#probationUntil = now + ms + PROBATION_MS
    this.#own = []
    for (const source of this.#sources.values()) source.strikes = []
    return ms
  }

  /** @returns whether it is blocked for this. */
  #charge(source: string, now: number): boolean {
    const name = keyOf(source)
    const record = this.#sources.get(name) ?? newRecord()
    this.#sources.delete(name)
    if (this.#sources.size >= STRIKE_SOURCES) this.#forgetOldest()
    this.#sources.set(name, record)
    record.strikes = [...record.strikes.filter((at) => isRecent(at, now)), now].slice(-STRIKES)
    if (record.strikes.length < STRIKES || now < record.blockedUntil) return false
    record.blockedUntil = now + record.block.next(now)
    this.#blockedUntil = Math.max(this.#blockedUntil, record.blockedUntil)
    return true
  }

  #forgetOldest(): void {
    for (const oldest of this.#sources.keys()) {
      this.#sources.delete(oldest)
      return
    }
  }
}

function isRecent(at: number | undefined, now: number): boolean {
  return at !== undefined && now - at < STRIKE_WINDOW_MS
}

/** Names are the clients' own, and may be long: what is kept of each is bounded. */
function keyOf(source: string): string {
  return source.length <= SOURCE_CHARS ? source : createHash('sha256').update(source).digest('hex')
}

function newRecord(): Source {
  return { strikes: [], blockedUntil: 0, block: new Doubling(BLOCK_MS, STRIKE_WINDOW_MS) }
}
