import type { RetainedReader, RetainedStore, Ticket } from '../engine.ts'
import type { MessageCodec } from './message-bodies.ts'
import { Operation } from './operations.ts'
import type { Store } from './store.ts'
import type { Tickets } from './tickets.ts'

/** Retained messages, matched in memory and written through. */
export class SqliteRetained<M extends object> implements RetainedStore<M> {
  readonly #memory: RetainedStore<M>
  readonly #store: Store
  readonly #codec: MessageCodec<M>
  readonly #tickets: Tickets

  constructor(memory: RetainedStore<M>, store: Store, codec: MessageCodec<M>, tickets: Tickets) {
    this.#memory = memory
    this.#store = store
    this.#codec = codec
    this.#tickets = tickets
  }

  set(tenant: string, topic: string, message: M): Ticket {
    const body = this.#codec.encode(message)
    this.#memory.set(tenant, topic, message)
    this.#store.begin().u8(Operation.setRetained).text(tenant).text(topic).blob(body)
    return this.#tickets.now()
  }

  setForNow(tenant: string, topic: string, message: M): void {
    this.#memory.setForNow(tenant, topic, message)
  }

  clear(tenant: string, topic: string): Ticket {
    this.#memory.clear(tenant, topic)
    this.#store.begin().u8(Operation.clearRetained).text(tenant).text(topic)
    return this.#tickets.now()
  }

  match(tenant: string, filter: string, reader: RetainedReader<M>): void {
    this.#memory.match(tenant, filter, reader)
  }

  count(tenant: string): number {
    return this.#memory.count(tenant)
  }
}
