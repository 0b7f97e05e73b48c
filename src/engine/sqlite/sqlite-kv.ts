import { Buffer } from 'node:buffer'
import type { KvEntry, KvQuota, KvStore, KvWritten } from '../engine.ts'
import { Operation, type OperationWriter } from './operations.ts'
import type { Store } from './store.ts'

/**
 * Plugins' stores, kept by the storage thread alone: it does one thing after the other, which is what makes
 * them linearizable. An answer says that what it tells of is safe.
 */
export class SqliteKv implements KvStore {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async get(tenant: string, plugin: string, key: string): Promise<KvEntry | undefined> {
    const write = (to: OperationWriter): unknown => to.text(tenant).text(plugin).text(key)
    return (await this.#store.ask(Operation.kvGet, write)) as KvEntry | undefined
  }

  async set(
    tenant: string,
    plugin: string,
    key: string,
    value: string,
    ifVersion: number | undefined,
    quota: KvQuota,
  ): Promise<KvWritten | 'full'> {
    const write = (to: OperationWriter): unknown =>
      to
        .text(tenant)
        .text(plugin)
        .text(key)
        .blob(Buffer.from(value))
        .number(ifVersion ?? ANY)
        .number(quota.pluginBytes)
        .number(quota.tenantBytes)
    return (await this.#store.ask(Operation.kvSet, write)) as KvWritten | 'full'
  }

  async delete(
    tenant: string,
    plugin: string,
    key: string,
    ifVersion: number | undefined,
  ): Promise<KvWritten> {
    const write = (to: OperationWriter): unknown =>
      to
        .text(tenant)
        .text(plugin)
        .text(key)
        .number(ifVersion ?? ANY)
    return (await this.#store.ask(Operation.kvDelete, write)) as KvWritten
  }

  async list(
    tenant: string,
    plugin: string,
    prefix: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly KvEntry[]> {
    const write = (to: OperationWriter): unknown =>
      to
        .text(tenant)
        .text(plugin)
        .text(prefix)
        .u8(after === undefined ? 0 : 1)
        .text(after ?? '')
        .u32(limit)
    return (await this.#store.ask(Operation.kvList, write)) as readonly KvEntry[]
  }

  async used(): Promise<ReadonlyMap<string, number>> {
    return (await this.#store.ask(Operation.kvUsed, () => undefined)) as ReadonlyMap<string, number>
  }
}

/** Stands for any version. */
const ANY = -1
