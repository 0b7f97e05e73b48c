import { AUDIT_RECORDS } from '../../base/limits.ts'
import type { AuditFilter, AuditRecord, AuditStore } from '../engine.ts'
import { Operation } from './operations.ts'
import type { Store } from './store.ts'

/** The audit on the disk: nobody waits for a record, which leaves with the batch of its turn. */
export class SqliteAudit implements AuditStore {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  append(record: AuditRecord): void {
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
