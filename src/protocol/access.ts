import type { FairTurns } from '../base/fair-turns.ts'
import { CLIENTS_RECHECKED, DROPPED_SHOWN, STANDINGS_PER_LOOK } from '../base/limits.ts'
import { mapInTurn } from '../base/map-in-turn.ts'
import type { TakenBackOf } from '../hooks/revocations.ts'
import { standingOf } from '../hooks/standing.ts'
import type { Session } from '../session/session.ts'
import type { Node, Realm } from './ports.ts'
import { recheckSubscriptions, tellLost } from './recheck-subscriptions.ts'

/** What came of it. */
export interface Dropped {
  readonly verdicts: number
  /** Clients whose grants were dropped. */
  readonly grants: number
  /** Filters as the clients wrote them. */
  readonly subscriptions: readonly { readonly clientId: string; readonly filter: string }[]
  /** Dropped subscriptions beyond these. */
  readonly more: number
}

/**
 * Plugins of one tenant take back what they have said of clients: remembered verdicts and grants are dropped,
 * and whoever is concerned is asked about again at once. What a client does from then on is asked anew; the
 * subscriptions of clients that are away are asked about when these are back.
 */
export class AccessRevoker {
  readonly #node: Node
  readonly #realm: Realm
  readonly #turns: FairTurns

  /** @param turns in which clients are looked through: a tag may be any one's. */
  constructor(node: Node, realm: Realm, turns: FairTurns) {
    this.#node = node
    this.#realm = realm
    this.#turns = turns
  }

  /** @returns `busy`: too much of the tenant waits already, and not all may have been dropped. */
  async takeBack(plugin: string, of: TakenBackOf): Promise<Dropped | 'busy'> {
    const realm = this.#realm
    realm.hooks.memory.takeBack(plugin, of)
    const tally = new Tally(plugin, 'tag' in of ? of.tag : null)
    if ('clientId' in of) {
      const session = realm.sessions.get(of.clientId)
      if (session !== undefined) tally.look(session)
    } else if (!(await this.#lookThrough(tally))) return 'busy'
    await mapInTurn(tally.concerned, CLIENTS_RECHECKED, (session) => this.#recheck(session, tally))
    return tally.dropped
  }

  /** @returns false: it was not done, or not to the end. */
  async #lookThrough(tally: Tally): Promise<boolean> {
    // a map's iterator goes on where it was, whoever has come or gone meanwhile
    const sessions = this.#realm.sessions.values()
    const lookAtSome = (): boolean => {
      for (let looks = 0; looks < STANDINGS_PER_LOOK; looks += 1) {
        const { value: session, done } = sessions.next()
        if (done === true) return true
        tally.look(session)
      }
      return false
    }
    for (;;) {
      const turn = this.#turns.run(this.#realm.name, lookAtSome)
      if (turn === undefined) return false
      if (await turn) return true
    }
  }

  async #recheck(session: Session, tally: Tally): Promise<void> {
    const realm = this.#realm
    const { client } = session
    // who is away, or about to be back, is asked about before it gets anything
    const isOwn = (): boolean => session.client === client && session.connected
    if (!isOwn()) return
    const lost = await recheckSubscriptions(realm, session, client, isOwn)
    if (lost.length === 0) return
    tally.lose(
      session.clientId,
      lost.map(({ filter }) => filter),
    )
    tellLost(this.#node, realm, session, lost)
  }
}

/** What one plugin takes back, added up. */
class Tally {
  readonly concerned: Session[] = []
  readonly #plugin: string
  readonly #tag: string | null
  #verdicts = 0
  #grants = 0
  readonly #shown: { readonly clientId: string; readonly filter: string }[] = []
  #lost = 0

  constructor(plugin: string, tag: string | null) {
    this.#plugin = plugin
    this.#tag = tag
  }

  get dropped(): Dropped {
    const [verdicts, grants, subscriptions] = [this.#verdicts, this.#grants, this.#shown]
    return { verdicts, grants, subscriptions, more: this.#lost - subscriptions.length }
  }

  look(session: Session): void {
    let isConcerned = false
    for (const client of [session.client, session.arriving]) {
      if (client === null) continue
      const { verdicts, grants, concerned } = standingOf(client).takeBack(this.#plugin, this.#tag)
      this.#verdicts += verdicts
      if (grants) this.#grants += 1
      if (concerned) isConcerned = true
    }
    if (isConcerned && session.subscriptions.size > 0) this.concerned.push(session)
  }

  lose(clientId: string, filters: readonly string[]): void {
    this.#lost += filters.length
    for (const filter of filters.slice(0, DROPPED_SHOWN - this.#shown.length)) {
      this.#shown.push({ clientId, filter })
    }
  }
}
