import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { DRAIN_FINISH_MS, DRAIN_WAVE_MS, FAREWELLS_A_TURN } from '../base/limits.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import type { Peer } from './peer.ts'

/** A connection as far as it is sent away. */
export type Leaving = Pick<Peer, 'version' | 'state' | 'isAnswered' | 'end' | 'ownWords'> & {
  readonly connection: Pick<Peer['connection'], 'hold'>
}

/**
 * Sends all clients away, MQTT 5 by DISCONNECT 0x9C with another server's name where there is one, else 0x8B,
 * the others by closing. Their wills go out, as of any connection that its server ends [MQTT-3.1.2-8].
 *
 * In waves: were they all sent away at once, they would all be back at once, somewhere. Who goes when is
 * chance, and so is how far waves are apart.
 */
export class Farewell {
  readonly #peers: ReadonlySet<Leaving>
  readonly #serverReference: string | undefined
  /** Of those who are here, the ones whose turn has come. */
  readonly #leaving = new Set<Leaving>()
  readonly #hurry = new AbortController()

  /** @param peers those who are connected; whoever leaves is removed from it, whoever comes yet is added. */
  constructor(peers: ReadonlySet<Leaving>, serverReference: string | undefined) {
    this.#peers = peers
    this.#serverReference = serverReference
  }

  /** All who are still here go now. */
  hurry(): void {
    this.#hurry.abort()
  }

  /** Resolves when all have been sent away, at the latest after so many milliseconds. */
  async run(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs
    const lastWave = deadline - Math.min(DRAIN_FINISH_MS, withinMs / 4)
    const waves: Promise<void>[] = []
    for (;;) {
      const waiting = [...this.#peers].filter((peer) => peer.state !== 'ended' && !this.#leaving.has(peer))
      const leftMs = lastWave - performance.now()
      if (waiting.length === 0 || leftMs <= 0 || this.#hurry.signal.aborted) break
      // this one and those that fit behind it share who is left
      const share = Math.ceil(waiting.length / (Math.floor(leftMs / DRAIN_WAVE_MS) + 1))
      waves.push(this.#sendAway(chosen(waiting, share), deadline))
      await this.#pause(Math.min(leftMs, DRAIN_WAVE_MS * (0.5 + Math.random())))
    }
    await Promise.all(waves)
    await this.end()
  }

  /** Sends away who is here, whatever is under way. */
  async end(): Promise<void> {
    await this.#sayTo([...this.#peers])
  }

  /** Nothing more is read of them; what they sent is decided and acknowledged, if that comes soon. */
  async #sendAway(some: readonly Leaving[], deadline: number): Promise<void> {
    for (const peer of some) {
      this.#leaving.add(peer)
      peer.connection.hold()
    }
    const until = Math.min(performance.now() + DRAIN_FINISH_MS, deadline)
    while (!some.every((peer) => peer.isAnswered) && performance.now() < until) await this.#pause(LOOK_MS)
    await this.#sayTo(some)
  }

  async #sayTo(some: readonly Leaving[]): Promise<void> {
    let said = 0
    for (const peer of some) {
      this.#leaving.delete(peer)
      if (peer.state === 'ended') continue
      this.#say(peer)
      said += 1
      if (said % FAREWELLS_A_TURN === 0) await nextTurn()
    }
  }

  #say(peer: Leaving): void {
    const words = peer.ownWords('server shutting down')
    const serverReference = this.#serverReference
    if (serverReference === undefined) peer.end(ReasonCode.serverShuttingDown, 'server', words)
    else peer.end(ReasonCode.useAnotherServer, 'server', { ...words, serverReference })
  }

  /** Ends at once when all are to hurry. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#hurry
    await pause(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

const LOOK_MS = 20

/** So many of them, each with the same chance. */
function chosen(all: Leaving[], count: number): readonly Leaving[] {
  for (let place = 0; place < count; place += 1) {
    const other = place + Math.floor(Math.random() * (all.length - place))
    const drawn = all[other] as Leaving
    all[other] = all[place] as Leaving
    all[place] = drawn
  }
  return all.slice(0, count)
}
