import type { TestContext } from 'node:test'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { RetainedRow, StoredRow } from '../../src/engine/sqlite/answers.ts'
import { openStore } from '../../src/engine/sqlite/open-store.ts'
import { Operation, OperationWriter } from '../../src/engine/sqlite/operations.ts'
import { Store, type StoreSink } from '../../src/engine/sqlite/store.ts'
import { StoreTables } from '../../src/engine/sqlite/store-tables.ts'
import { dataFolder } from './sqlite-engine.ts'

/** A store with its real thread, and all that it said. */
export class RecordedStore implements StoreSink {
  readonly store: Store
  readonly sessions: StoredRow[] = []
  readonly retainedRows: RetainedRow[] = []
  readonly troubles: (string | null)[] = []
  readonly losses: string[] = []
  /** Is told of each batch that is safe. */
  onSettled: () => void = () => undefined
  #waiting: (() => void)[] = []

  constructor(folder: string) {
    this.store = new Store(folder, 'os', this)
  }

  tenants(): void {
    // none is made in these tests
  }

  session(row: StoredRow): void {
    this.sessions.push(row)
  }

  retained(row: RetainedRow): void {
    this.retainedRows.push(row)
  }

  settled(): void {
    this.onSettled()
    this.#heard()
  }

  troubled(why: string | null): void {
    this.troubles.push(why)
    this.#heard()
  }

  lost(why: string): void {
    this.losses.push(why)
    this.#heard()
  }

  /** Resolves when the condition holds; it is looked at whenever the store has said something. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Resolves when all that was written up to now is safe. */
  safe(): Promise<void> {
    const { lastWritten } = this.store
    return this.until(() => this.store.lastSafe >= lastWritten)
  }

  /** Writes something that is easily found again: a retained message. */
  write(topic: string): void {
    this.store.begin().u8(Operation.setRetained).text('acme').text(topic).blob(Buffer.from(topic))
  }

  #heard(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** One that is open, and closed when the test ends. */
export async function openedStore(
  context: TestContext,
  folder: string = dataFolder(),
): Promise<RecordedStore> {
  const recorded = new RecordedStore(folder)
  await recorded.store.open()
  context.after(() => recorded.store.close())
  return recorded
}

/** The database of a store, in this thread; closed when the test ends. */
export function openedDatabase(context: TestContext, folder: string = dataFolder()): DatabaseSync {
  const database = openStore(folder, 'os')
  context.after(() => {
    if (database.isOpen) database.close()
  })
  return database
}

/** Its tables, and how batches are done to them. */
export function openedTables(
  context: TestContext,
  folder?: string,
): { tables: StoreTables; database: DatabaseSync } {
  const database = openedDatabase(context, folder)
  return { tables: new StoreTables(database), database }
}

export function batchOf(number: number, write: (to: OperationWriter) => unknown) {
  const to = new OperationWriter(64)
  write(to)
  return { number, bytes: to.bytes }
}

/** Looks into the store of a folder from outside, as an operator would. */
export function looked(folder: string, sql: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(join(folder, 'bulkhead.db'), { readOnly: true })
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }))
  } finally {
    database.close()
  }
}

/**
 * A disk that takes nothing, until the returned function is called.
 *
 * @param meanwhile what it has taken by then all the same.
 */
export function stuckDisk(folder: string, meanwhile = ''): () => void {
  const database = new DatabaseSync(join(folder, 'bulkhead.db'), { timeout: 5000 })
  database.exec(`BEGIN IMMEDIATE; ${meanwhile}`)
  return () => {
    database.exec('COMMIT')
    database.close()
  }
}
