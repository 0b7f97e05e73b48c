import { AUDIT_RECORDS } from '../../base/limits.ts'
import type { AuditFilter, AuditRecord, AuditStore } from '../engine.ts'
import { Operation } from './operations.ts'
import type { Store } from './store.ts'

/** The audit on the disk: nobody waits for a record, which leaves with the batch of its turn. */
export class SqliteAudit implements AuditStore {
  readonly #store: Store
  /** Records that were not kept, for want of a disk. */
  #unkept = 0

  constructor(store: Store) {
    this.#store = store
  }

  append(record: AuditRecord): void {
    if (this.#store.stuck) {
      this.#unkept += 1
      return
    }
    if (this.#unkept > 0) this.#write(unkept(this.#unkept))
    this.#unkept = 0
    this.#write(record)
  }

  #write(record: AuditRecord): void {
    this.#store.begin().u8(Operation.audit).text(record.tenant).text(JSON.stringify(record))
  }

  async read({ tenant, limit = AUDIT_RECORDS }: AuditFilter = {}): Promise<readonly AuditRecord[]> {
    const answer = await this.#store.ask(Operation.readAudit, (to) =>
      to
        .u8(tenant === undefined ? 0 : 1)
        .text(tenant ?? '')
        .u32(limit),
    )
    return answer as readonly AuditRecord[]
  }
}

/** What tells that the audit has a gap. */
function unkept(count: number): AuditRecord {
  const nobody = { tenant: '', plugin: '', digest: '', where: '', outcome: '' }
  const detail = 'records were not kept, since the disk took nothing'
  return { at: Date.now(), ...nobody, event: 'audit.unkept', detail, count }
}
