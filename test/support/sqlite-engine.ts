import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { SqliteEngine, type SqliteEngineOptions } from '../../src/engine/sqlite/sqlite-engine.ts'
import { newIndex } from './memory-engine.ts'

/** Messages as JSON: what engines do not look into need not be what the broker has. */
export const JSON_CODEC = {
  encode: (message: object) => Buffer.from(JSON.stringify(message)),
  decode: (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as never,
}

/** A data folder that is gone when the test file ends. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-store-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An engine over a folder; not started. */
export function newSqliteEngine<M extends object, S>(
  folder: string = dataFolder(),
  options: Partial<SqliteEngineOptions<M>> = {},
): SqliteEngine<M, S> {
  return new SqliteEngine<M, S>({ folder, durability: 'fsync', codec: JSON_CODEC, newIndex, ...options })
}

/** One that is started, and stopped when the test file ends. */
export async function startedSqliteEngine(): Promise<SqliteEngine<object, object>> {
  const engine = newSqliteEngine<object, object>()
  await engine.start({
    route: (_tenant, _message, routed) => {
      routed?.()
      return true
    },
    settled: () => undefined,
    tenants: () => undefined,
    restored: () => null,
    retained: () => undefined,
    troubled: () => undefined,
    lost: () => undefined,
  })
  after(() => engine.stop())
  return engine
}
