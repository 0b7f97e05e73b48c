import { AUDIT_RECORDS } from '../../base/limits.ts'
import type {
  AuditStore,
  Engine,
  EnginePorts,
  KvStore,
  RetainedReader,
  RetainedStore,
  SessionOpener,
  SessionStore,
  Ticket,
  Unheard,
} from '../engine.ts'
import { MemoryAudit } from './memory-audit.ts'
import { MemoryKv } from './memory-kv.ts'

/** Matches retained messages by filter; the router's retained tree, handed in by the composition root. */
export interface RetainedIndex<M> {
  set(topic: string, message: M): void
  delete(topic: string): void
  /** @param each says whether more is wanted. */
  match(filter: string, each: (message: M) => boolean): void
  readonly size: number
}

const SETTLED: Ticket = 0
const UNHEARD: Unheard = -1

/** The engine of one process without a disk: every publish is settled by the time the call returns. */
export class MemoryEngine<M, S> implements Engine<M, S> {
  readonly settlesAtOnce = true
  readonly retained: RetainedStore<M>
  readonly sessions: SessionStore<S>
  readonly kv: KvStore = new MemoryKv()
  readonly audit: AuditStore = new MemoryAudit(AUDIT_RECORDS)
  #ports: EnginePorts<M> | null = null

  /** @param newIndex makes a tenant's index of retained messages. */
  constructor(newIndex: () => RetainedIndex<M>) {
    this.retained = new MemoryRetained(newIndex)
    this.sessions = new MemorySessions()
  }

  start(ports: EnginePorts<M>): Promise<void> {
    this.#ports = ports
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.#ports = null
    return Promise.resolve()
  }

  publish(tenant: string, message: M): Ticket {
    return this.#ports?.route(tenant, message) === false ? UNHEARD : SETTLED
  }
}

class MemoryRetained<M> implements RetainedStore<M> {
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
}

interface Owned<S> {
  epoch: number
  session: S | null
  expiresAt: number
}

class MemorySessions<S> implements SessionStore<S> {
  readonly #byTenant = new Map<string, Map<string, Owned<S>>>()
  /** One counter for all: an epoch is never given twice, even after its session was removed. */
  #epoch = 0

  open(tenant: string, clientId: string, fresh: boolean, opener: SessionOpener<S>): void {
    let sessions = this.#byTenant.get(tenant)
    if (sessions === undefined) this.#byTenant.set(tenant, (sessions = new Map<string, Owned<S>>()))
    const known = sessions.get(clientId)
    const usable = known !== undefined && !fresh && known.expiresAt > Date.now()
    const epoch = ++this.#epoch
    const session = usable ? known.session : null
    sessions.set(clientId, { epoch, session, expiresAt: Number.POSITIVE_INFINITY })
    opener.opened(epoch, session)
  }

  save(tenant: string, clientId: string, epoch: number, session: S, expiresAt: number): boolean {
    const owned = this.#byTenant.get(tenant)?.get(clientId)
    if (owned === undefined || owned.epoch !== epoch) return false
    owned.session = session
    owned.expiresAt = expiresAt
    return true
  }

  remove(tenant: string, clientId: string, epoch: number): boolean {
    const sessions = this.#byTenant.get(tenant)
    if (sessions?.get(clientId)?.epoch !== epoch) return false
    return sessions.delete(clientId)
  }

  count(tenant: string): number {
    return this.#byTenant.get(tenant)?.size ?? 0
  }
}
