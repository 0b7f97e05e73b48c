import type { FairTurns } from '../base/fair-turns.ts'
import { SESSIONS_PER_LOOK } from '../base/limits.ts'
import { type Message, payloadOf } from '../codec/message.ts'
import type { ProtocolVersion, QoS } from '../codec/packet-type.ts'
import type { ParsedFilter } from '../router/topic-filter.ts'
import type { Session } from '../session/session.ts'
import type { Node, Realm } from './ports.ts'

export interface SeenSession {
  readonly clientId: string
  readonly connected: boolean
  readonly principal: string
  readonly username?: string
  readonly protocolVersion: ProtocolVersion
  readonly connectedAt: number
  readonly expirySec: number
  readonly subscriptions: number
  readonly queued: number
  readonly inflight: number
}

export interface SeenSubscription {
  readonly clientId: string
  /** As the client asked for it, without its `$share/NAME/`. */
  readonly filter: string
  /** By which it is routed, where a plugin has rewritten it. */
  readonly routed?: string
  readonly share?: string
  readonly qos: QoS
}

export interface SeenRetained {
  readonly topic: string
  readonly qos: QoS
  readonly size: number
  /** A view that nobody may write to. */
  readonly payload?: Uint8Array
}

/** Too much of this tenant's reading waits already. */
export type Busy = 'busy'

/**
 * What plugins may see of their own tenant: plain data, made anew each time. Sessions and subscriptions are
 * those of this node; retained messages are the engine's. What reads more than one entry takes its turn.
 */
export class TenantView {
  readonly #node: Node
  readonly #realm: Realm
  readonly #turns: FairTurns

  constructor(node: Node, realm: Realm, turns: FairTurns) {
    this.#node = node
    this.#realm = realm
    this.#turns = turns
  }

  session(clientId: string): SeenSession | undefined {
    const session = this.#realm.sessions.get(clientId)
    return session && seenSession(session)
  }

  /** In the order of client identifiers, from after `after`. However many there are, a turn looks at few. */
  async sessions(after: string | undefined, limit: number): Promise<readonly SeenSession[] | Busy> {
    const first = new Lowest(limit)
    // a map's iterator goes on where it was, whoever has come or gone meanwhile
    const clientIds = this.#realm.sessions.keys()
    const offerSome = (): boolean => {
      for (let looks = 0; looks < SESSIONS_PER_LOOK; looks += 1) {
        const { value: clientId, done } = clientIds.next()
        if (done === true) return true
        if (after === undefined || clientId > after) first.offer(clientId)
      }
      return false
    }
    for (;;) {
      const isDone = await this.#inTurn(offerSome)
      if (isDone === 'busy') return isDone
      if (isDone) return first.taken.flatMap((clientId) => this.session(clientId) ?? [])
    }
  }

  /** @param payloadBytes payloads above this are left out; below 0 all are. */
  async retained(topic: string, payloadBytes: number): Promise<SeenRetained | undefined> {
    const [found] = await this.#match(topic, 1, payloadBytes)
    return found
  }

  async retainedMatching(
    filter: string,
    limit: number,
    payloadBytes: number,
  ): Promise<readonly SeenRetained[] | Busy> {
    const found = await this.#inTurn(() => ({ matching: this.#match(filter, limit, payloadBytes) }))
    return found === 'busy' ? found : found.matching
  }

  subscriptionsOf(clientId: string, limit: number): readonly SeenSubscription[] {
    const seen: SeenSubscription[] = []
    for (const { parsed, options } of this.#realm.sessions.get(clientId)?.subscriptions.values() ?? []) {
      if (seen.length === limit) break
      seen.push(seenSubscription(clientId, parsed, parsed.shareName, options.qos))
    }
    return seen
  }

  /** Who would get a message of this topic; of a shared subscription, all who may. */
  subscriptionsMatching(topic: string, limit: number): Promise<readonly SeenSubscription[] | Busy> {
    return this.#inTurn(() => {
      const { matches, groups } = this.#realm.subscriptions.match(topic)
      const seen = matches
        .slice(0, limit)
        .map((match) => seenSubscription(match.subscriber.clientId, match, '', match.qos))
      for (const { shareName, members } of groups) {
        for (const member of members.slice(0, limit - seen.length)) {
          seen.push(seenSubscription(member.subscriber.clientId, member, shareName, member.qos))
        }
      }
      return seen
    })
  }

  async #inTurn<Result>(work: () => Result): Promise<Result | Busy> {
    return this.#turns.run(this.#realm.name, work) ?? 'busy'
  }

  #match(filter: string, limit: number, payloadBytes: number): Promise<readonly SeenRetained[]> {
    const { promise, resolve } = Promise.withResolvers<readonly SeenRetained[]>()
    const seen: SeenRetained[] = []
    this.#node.engine.retained.match(this.#realm.name, filter, {
      retained: (message) => {
        const isExpired = message.expiresAt !== 0 && message.expiresAt <= Date.now()
        if (!isExpired) seen.push(seenRetained(message, payloadBytes))
        return seen.length < limit
      },
      done: () => resolve(seen),
    })
    return promise
  }
}

/** The first so many of what is offered, in order: one pass over many, without sorting them all. */
class Lowest {
  readonly taken: string[] = []
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  offer(text: string): void {
    const { taken } = this
    const last = taken.at(-1)
    if (taken.length === this.#most && (last === undefined || text >= last)) return
    let low = 0
    let high = taken.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((taken[middle] ?? '') < text) low = middle + 1
      else high = middle
    }
    taken.splice(low, 0, text)
    if (taken.length > this.#most) taken.pop()
  }
}

function seenSession(session: Session): SeenSession {
  const { client, outbound } = session
  return {
    clientId: session.clientId,
    connected: session.connected,
    principal: client.principal,
    ...(client.username === undefined ? {} : { username: client.username }),
    protocolVersion: client.protocolVersion,
    connectedAt: client.connectedAt,
    expirySec: session.expirySec,
    subscriptions: session.subscriptions.size,
    queued: outbound.queued,
    inflight: outbound.inflight.size,
  }
}

function seenSubscription(
  clientId: string,
  { filter, renaming }: Pick<ParsedFilter, 'filter' | 'renaming'>,
  share: string,
  qos: QoS,
): SeenSubscription {
  return {
    clientId,
    filter: renaming?.asked ?? filter,
    ...(renaming === null ? {} : { routed: filter }),
    ...(share === '' ? {} : { share }),
    qos,
  }
}

function seenRetained(message: Message, payloadBytes: number): SeenRetained {
  const { topic, qos } = message
  const payload = payloadOf(message)
  const size = payload.length
  return { topic, qos, size, ...(size <= payloadBytes ? { payload } : {}) }
}
