import { AUDIT_RECORDS } from '../../base/limits.ts'
import type {
  AuditStore,
  Engine,
  EnginePorts,
  KvStore,
  RetainedStore,
  SessionStore,
  Ticket,
  Unheard,
} from '../engine.ts'
import { MemoryAudit } from './memory-audit.ts'
import { MemoryKv } from './memory-kv.ts'
import { MemoryRetained, type RetainedIndex } from './memory-retained.ts'
import { MemorySessions } from './memory-sessions.ts'

const SETTLED: Ticket = 0
const UNHEARD: Unheard = -1

/** The engine of one process without a disk: every publish is settled by the time the call returns. */
export class MemoryEngine<M, S> implements Engine<M, S> {
  readonly congested = false
  readonly settlesAtOnce = true
  readonly retained: RetainedStore<M>
  readonly sessions: SessionStore<M, S>
  readonly kv: KvStore = new MemoryKv()
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
}
