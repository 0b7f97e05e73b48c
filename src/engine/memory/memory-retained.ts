import type { RetainedReader, RetainedStore, Ticket } from '../engine.ts'

/** Matches retained messages by filter; the router's retained tree, handed in by the composition root. */
export interface RetainedIndex<M> {
  set(topic: string, message: M): void
  delete(topic: string): void
  /** @param each says whether more is wanted. */
  match(filter: string, each: (message: M) => boolean): void
  readonly size: number
}

const SETTLED: Ticket = 0

/** Retained messages of all tenants, each tenant's in an index of its own. */
export class MemoryRetained<M> implements RetainedStore<M> {
  readonly #byTenant = new Map<string, RetainedIndex<M>>()
  readonly #newIndex: () => RetainedIndex<M>

  constructor(newIndex: () => RetainedIndex<M>) {
    this.#newIndex = newIndex
  }

  set(tenant: string, topic: string, message: M): Ticket {
    let index = this.#byTenant.get(tenant)
    if (index === undefined) this.#byTenant.set(tenant, (index = this.#newIndex()))
    index.set(topic, message)
    return SETTLED
  }

  setForNow(tenant: string, topic: string, message: M): void {
    this.set(tenant, topic, message)
  }

  clear(tenant: string, topic: string): Ticket {
    this.#byTenant.get(tenant)?.delete(topic)
    return SETTLED
  }

  match(tenant: string, filter: string, reader: RetainedReader<M>): void {
    this.#byTenant.get(tenant)?.match(filter, (message) => reader.retained(message))
    reader.done()
  }

  count(tenant: string): number {
    return this.#byTenant.get(tenant)?.size ?? 0
  }

  /** Drops all retained messages of a tenant. */
  dropTenant(tenant: string): void {
    this.#byTenant.delete(tenant)
  }
}
