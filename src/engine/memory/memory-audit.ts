import { RingBuffer } from '../../base/ring-buffer.ts'
import type { AuditFilter, AuditRecord, AuditStore } from '../engine.ts'

/** A record and its place among all. */
interface Kept {
  readonly place: number
  readonly record: AuditRecord
}

/** The newest records, each tenant's in a queue of its own. */
export class MemoryAudit implements AuditStore {
  readonly #bound: number
  readonly #byTenant = new Map<string, RingBuffer<Kept>>()
  #size = 0
  #place = 0

  constructor(bound: number) {
    this.#bound = bound
  }

  append(record: AuditRecord): void {
    const { tenant } = record
    let own = this.#byTenant.get(tenant)
    if (own === undefined) this.#byTenant.set(tenant, (own = new RingBuffer<Kept>(this.#bound)))
    if (this.#size === this.#bound) this.#evict(tenant, own)
    this.#place += 1
    own.push({ place: this.#place, record })
    this.#size += 1
  }

  read(filter: AuditFilter = {}): Promise<readonly AuditRecord[]> {
    const { tenant, limit = this.#bound } = filter
    const queues = tenant === undefined ? [...this.#byTenant.values()] : [this.#byTenant.get(tenant)]
    const kept = queues.flatMap((queue) => (queue === undefined ? [] : newest(queue, limit)))
    if (tenant === undefined) kept.sort((one, other) => one.place - other.place)
    return Promise.resolve(kept.slice(Math.max(0, kept.length - limit)).map(({ record }) => record))
  }

  /** Who has its share already pays for itself; else who has the most does. */
  #evict(tenant: string, own: RingBuffer<Kept>): void {
    const share = Math.ceil(this.#bound / this.#byTenant.size)
    const [name, queue] = own.length >= share ? ([tenant, own] as const) : this.#longest(tenant, own)
    queue.shift()
    this.#size -= 1
    if (queue.length === 0 && queue !== own) this.#byTenant.delete(name)
  }

  #longest(tenant: string, own: RingBuffer<Kept>): readonly [string, RingBuffer<Kept>] {
    let longest: readonly [string, RingBuffer<Kept>] = [tenant, own]
    for (const entry of this.#byTenant) if (entry[1].length > longest[1].length) longest = entry
    return longest
  }
}

function newest(queue: RingBuffer<Kept>, limit: number): Kept[] {
  const found: Kept[] = []
  for (let place = Math.max(0, queue.length - limit); place < queue.length; place += 1) {
    const kept = queue.at(place)
    if (kept !== undefined) found.push(kept)
  }
  return found
}
