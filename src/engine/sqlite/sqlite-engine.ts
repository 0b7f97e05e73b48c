import { join } from 'node:path'
import type {
  AuditStore,
  BlobStore,
  DocumentStore,
  Engine,
  EnginePorts,
  KvStore,
  RetainedStore,
  SessionStore,
  Ticket,
  Unheard,
  Unrouted,
  WritingCounts,
} from '../engine.ts'
import { MemoryRetained, type RetainedIndex } from '../memory/memory-retained.ts'
import { MemorySessions } from '../memory/memory-sessions.ts'
import type { StoredRow } from './answers.ts'
import { MessageBodies, type MessageCodec } from './message-bodies.ts'
import type { Durability } from './open-store.ts'
import { Operation } from './operations.ts'
import { Places } from './places.ts'
import { SqliteAudit } from './sqlite-audit.ts'
import { SqliteBlobs } from './sqlite-blobs.ts'
import { SqliteDocuments } from './sqlite-documents.ts'
import { SqliteKv } from './sqlite-kv.ts'
import { type LogTools, owedOf, SqliteLog } from './sqlite-log.ts'
import { SqliteRetained } from './sqlite-retained.ts'
import { Store } from './store.ts'
import { Tickets } from './tickets.ts'

const UNHEARD: Unheard = -1
const UNROUTED: Unrouted = -2

export interface SqliteEngineOptions<M> {
  /** The data folder. */
  readonly folder: string
  readonly durability: Durability
  readonly codec: MessageCodec<M>
  /** Makes a tenant's index of retained messages. */
  readonly newIndex: () => RetainedIndex<M>
}

/**
 * The engine of one process with a disk: sessions and retained messages are in memory, and written down as
 * they change, by a thread of its own; what is settled survives the process, however it ends.
 */
export class SqliteEngine<M extends object, S> implements Engine<M, S> {
  readonly settlesAtOnce = false
  readonly retained: RetainedStore<M>
  readonly sessions: SessionStore<M, S>
  readonly kv: KvStore
  readonly documents: DocumentStore
  readonly blobs: BlobStore
  readonly audit: AuditStore
  readonly #memoryRetained: MemoryRetained<M>
  readonly #memorySessions: MemorySessions<M, S>
  readonly #store: Store
  readonly #tickets: Tickets
  readonly #tools: LogTools<M>
  #ports: EnginePorts<M, S> | null = null
  #lastSid = 0

  constructor({ folder, durability, codec, newIndex }: SqliteEngineOptions<M>) {
    this.#store = new Store(join(folder), durability, {
      tenants: (documents) => this.#ports?.tenants(documents),
      session: (row) => this.#restore(row),
      retained: ({ tenant, topic, body }) => {
        const message = codec.decode(body)
        this.#memoryRetained.set(tenant, topic, message)
        this.#ports?.retained(tenant, topic, message)
      },
      settled: () => this.#tickets.committed(),
      troubled: (why) => this.#ports?.troubled(why),
      lost: (why) => this.#ports?.lost(why),
    })
    this.#tickets = new Tickets(this.#store, (upTo) => this.#ports?.settled(upTo))
    this.#tools = {
      store: this.#store,
      bodies: new MessageBodies(this.#store, codec),
      codec,
      tickets: this.#tickets,
      places: new Places(this.#store),
    }
    this.#memoryRetained = new MemoryRetained(newIndex)
    this.#memorySessions = new MemorySessions((tenant, clientId) => this.#newLog(tenant, clientId))
    this.retained = new SqliteRetained(this.#memoryRetained, this.#store, codec, this.#tickets)
    this.sessions = this.#memorySessions
    this.kv = new SqliteKv(this.#store)
    this.documents = new SqliteDocuments(this.#store)
    this.blobs = new SqliteBlobs(this.#store)
    this.audit = new SqliteAudit(this.#store)
  }

  get writing(): WritingCounts {
    return this.#store.counts
  }

  get congested(): boolean {
    return this.#store.congested
  }

  get stuck(): boolean {
    return this.#store.stuck
  }

  get written(): number {
    return this.#store.written
  }

  async start(ports: EnginePorts<M, S>): Promise<void> {
    this.#ports = ports
    await this.#store.open()
  }

  async stop(): Promise<void> {
    await this.#store.close()
    this.#ports = null
  }

  publish(tenant: string, message: M, routed: ((ticket: Ticket) => void) | null): Ticket {
    const ports = this.#ports
    if (ports === null) return 0
    const { written } = this.#store
    let isRouted = routed === null
    let isLate = false
    const done = (): void => {
      isRouted = true
      if (isLate) routed?.(this.#tickets.now())
    }
    const isHeard = ports.route(tenant, message, routed === null ? null : done)
    if (!isRouted) {
      isLate = true
      return UNROUTED
    }
    // what it has not written itself it need not wait for
    if (this.#store.written !== written) return this.#tickets.now()
    return isHeard ? 0 : UNHEARD
  }

  async forget(tenant: string): Promise<void> {
    this.#memorySessions.dropTenant(tenant)
    this.#memoryRetained.dropTenant(tenant)
    // what the logs of its sessions have written lies before it
    await this.#store.ask(Operation.forgetTenant, (to) => to.text(tenant))
  }

  #newLog(tenant: string, clientId: string): SqliteLog<M> {
    this.#lastSid += 1
    return new SqliteLog(this.#tools, this.#lastSid, tenant, clientId, -1)
  }

  #restore(row: StoredRow): void {
    const { tenant, client: clientId, sid, epoch, expiresAt } = row
    const { codec } = this.#tools
    this.#lastSid = Math.max(this.#lastSid, sid)
    const lastReleased = row.queue.reduce((last, { released }) => Math.max(last, released), 0)
    const log = new SqliteLog(this.#tools, sid, tenant, clientId, row.lastPlace, lastReleased)
    log.owner(epoch)
    const session = this.#ports?.restored({
      tenant,
      clientId,
      epoch,
      about: row.about,
      expiresAt,
      subscriptions: row.subscriptions,
      owed: row.queue.map((entry) => owedOf(entry, codec)),
      owedCount: row.queued,
      owedBytes: row.queuedBytes,
      received: row.received,
      will: row.will === null ? null : { message: codec.decode(row.will.body), how: row.will.how },
      log,
    })
    if (session === undefined || session === null) return
    this.#memorySessions.restore(tenant, clientId, epoch, session, expiresAt, log)
  }
}
