import type { OwedMessage, Ticket } from '../engine.ts'
import type { OwnedLog } from '../memory/memory-sessions.ts'
import type { StoredEntry } from './answers.ts'
import type { MessageBodies, MessageCodec } from './message-bodies.ts'
import { Operation, type OperationWriter } from './operations.ts'
import type { Places } from './places.ts'
import type { Store } from './store.ts'
import type { Tickets } from './tickets.ts'

/** What all logs of one engine write with. */
export interface LogTools<M extends object> {
  readonly store: Store
  readonly bodies: MessageBodies<M>
  readonly codec: MessageCodec<M>
  readonly tickets: Tickets
  readonly places: Places
}

/** Writes one session down, once it is described: one that ends with its connection never is. */
export class SqliteLog<M extends object> implements OwnedLog<M> {
  readonly #tools: LogTools<M>
  readonly #sid: number
  readonly #tenant: string
  readonly #clientId: string
  #epoch = 0
  #isDescribed: boolean
  /** As it is written down; NaN: that is not known here. */
  #expiresAt = Number.NaN
  #lastReleased: number

  /**
   * @param lastPlace of what is stored already; -1: the session is new.
   * @param lastReleased the rank of the last that was released.
   */
  constructor(
    tools: LogTools<M>,
    sid: number,
    tenant: string,
    clientId: string,
    lastPlace: number,
    lastReleased = 0,
  ) {
    this.#tools = tools
    this.#sid = sid
    this.#tenant = tenant
    this.#clientId = clientId
    this.#isDescribed = lastPlace >= 0
    tools.places.last = Math.max(tools.places.last, lastPlace)
    this.#lastReleased = lastReleased
  }

  get ticket(): Ticket {
    return this.#tools.tickets.now()
  }

  whenSafe(then: () => void): void {
    this.#tools.tickets.whenSafe(then)
  }

  owner(epoch: number): void {
    this.#epoch = epoch
  }

  describe(about: string): void {
    this.#isDescribed = true
    this.#expiresAt = Number.POSITIVE_INFINITY
    this.#begin(Operation.putSession)
      .text(this.#tenant)
      .text(this.#clientId)
      .number(this.#epoch)
      .text(about)
      .number(this.#expiresAt)
  }

  keepUntil(expiresAt: number): void {
    if (!this.#isDescribed || this.#expiresAt === expiresAt) return
    this.#expiresAt = expiresAt
    this.#begin(Operation.expireSession).number(expiresAt)
  }

  clear(): void {
    if (this.#isDescribed) this.#begin(Operation.dropSession)
    this.#isDescribed = false
  }

  subscribed(filter: string, how: string): void {
    if (this.#isDescribed) this.#begin(Operation.putSubscription).text(filter).text(how)
  }

  unsubscribed(filter: string): void {
    if (this.#isDescribed) this.#begin(Operation.dropSubscription).text(filter)
  }

  owed(message: M, how: string, packetId: number): number {
    const { bodies, places, store } = this.#tools
    if (!this.#isDescribed) return places.enqueued(-1)
    const mid = bodies.midOf(message)
    const gathering = store.begin()
    const place = places.enqueued(gathering.length)
    gathering.u8(Operation.enqueue).number(this.#sid).number(place).number(mid).text(how).u32(packetId)
    return place
  }

  launched(place: number, packetId: number): void {
    if (!this.#isDescribed) return
    const { places, store } = this.#tools
    const gathering = store.begin()
    places.launched(place, gathering.length)
    gathering.u8(Operation.launch).number(this.#sid).number(place).u32(packetId)
  }

  changed(place: number, form: M, how: string): void {
    if (!this.#isDescribed) return
    const mid = this.#tools.bodies.midOf(form)
    this.#begin(Operation.change).number(place).number(mid).text(how)
  }

  released(place: number): void {
    this.#lastReleased += 1
    if (this.#isDescribed) this.#begin(Operation.release).number(place).number(this.#lastReleased)
  }

  settled(place: number): void {
    if (this.#isDescribed && !this.#tools.places.takeBack(place)) this.#begin(Operation.dequeue).number(place)
  }

  received(packetId: number): void {
    if (this.#isDescribed) this.#begin(Operation.receive).u32(packetId)
  }

  forgotten(packetId: number): void {
    if (this.#isDescribed) this.#begin(Operation.forget).u32(packetId)
  }

  will(message: M | null, how: string): void {
    if (!this.#isDescribed) return
    const body = message === null ? null : this.#tools.codec.encode(message)
    if (body === null) this.#begin(Operation.dropWill)
    else this.#begin(Operation.putWill).blob(body).text(how)
  }

  read(after: number, limit: number, reader: (owed: readonly OwedMessage<M>[]) => void): void {
    void this.#read(after, limit, reader)
  }

  async #read(
    after: number,
    limit: number,
    reader: (owed: readonly OwedMessage<M>[]) => void,
  ): Promise<void> {
    const { store, codec } = this.#tools
    const write = (to: OperationWriter): unknown => to.number(this.#sid).number(after).u32(limit)
    let entries: readonly StoredEntry[]
    try {
      entries = (await store.ask(Operation.readQueue, write)) as readonly StoredEntry[]
    } catch {
      return // the store is lost, which is told already, and nothing is sent from it any more
    }
    reader(entries.map((entry) => owedOf(entry, codec)))
  }

  #begin(operation: number): OperationWriter {
    return this.#tools.store.begin().u8(operation).number(this.#sid)
  }
}

/** A message as it was written down. */
export function owedOf<M>({ body, form, ...rest }: StoredEntry, codec: MessageCodec<M>): OwedMessage<M> {
  return { ...rest, message: codec.decode(body), form: form === null ? null : codec.decode(form) }
}
