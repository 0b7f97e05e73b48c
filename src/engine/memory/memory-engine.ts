import { AUDIT_RECORDS } from '../../base/limits.ts'
import type { AuditStore, Engine, EnginePorts, Ticket, Unheard } from '../engine.ts'
import { MemoryAudit } from './memory-audit.ts'
import { MemoryBlobs } from './memory-blobs.ts'
import { MemoryDocuments } from './memory-documents.ts'
import { MemoryKv } from './memory-kv.ts'
import { MemoryRetained, type RetainedIndex } from './memory-retained.ts'
import { MemorySessions } from './memory-sessions.ts'

const SETTLED: Ticket = 0
const UNHEARD: Unheard = -1

/** The engine of one process without a disk: every publish is settled by the time the call returns. */
export class MemoryEngine<M, S> implements Engine<M, S> {
  readonly congested = false
  readonly stuck = false
  readonly written = 0
  readonly settlesAtOnce = true
  readonly writing = null
  readonly retained: MemoryRetained<M>
  readonly sessions: MemorySessions<M, S>
  readonly kv: MemoryKv = new MemoryKv()
  readonly documents: MemoryDocuments = new MemoryDocuments()
  readonly blobs: MemoryBlobs = new MemoryBlobs()
  readonly audit: AuditStore = new MemoryAudit(AUDIT_RECORDS)
  #ports: EnginePorts<M, S> | null = null

  /** @param newIndex makes a tenant's index of retained messages. */
  constructor(newIndex: () => RetainedIndex<M>) {
    this.retained = new MemoryRetained(newIndex)
    this.sessions = new MemorySessions(() => null)
  }

  start(ports: EnginePorts<M, S>): Promise<void> {
    this.#ports = ports
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.#ports = null
    return Promise.resolve()
  }

  publish(tenant: string, message: M): Ticket {
    return this.#ports?.route(tenant, message, null) === false ? UNHEARD : SETTLED
  }

  forget(tenant: string): Promise<void> {
    for (const store of [this.sessions, this.retained, this.kv, this.documents, this.blobs]) {
      store.dropTenant(tenant)
    }
    return Promise.resolve()
  }
}
