import type { DatabaseSync } from 'node:sqlite'
import { BulkheadError } from '../../base/errors.ts'

/**
 * The steps from an empty file to what this version writes, oldest first. One that was released is never
 * changed: a store is brought up to date by the steps that it has not taken.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE session (
    sid INTEGER PRIMARY KEY, tenant TEXT NOT NULL, client TEXT NOT NULL, epoch INTEGER NOT NULL,
    about TEXT NOT NULL, expires_at REAL NOT NULL, UNIQUE (tenant, client)
  ) STRICT;
  CREATE TABLE subscription (
    sid INTEGER NOT NULL, filter TEXT NOT NULL, how TEXT NOT NULL, PRIMARY KEY (sid, filter)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE message (mid INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
  CREATE TABLE queue (
    sid INTEGER NOT NULL, place INTEGER NOT NULL, mid INTEGER NOT NULL, how TEXT NOT NULL,
    packet_id INTEGER NOT NULL, form INTEGER NOT NULL, released INTEGER NOT NULL, PRIMARY KEY (sid, place)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE received (
    sid INTEGER NOT NULL, packet_id INTEGER NOT NULL, PRIMARY KEY (sid, packet_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE will (sid INTEGER PRIMARY KEY, body BLOB NOT NULL, how TEXT NOT NULL) STRICT;
  CREATE TABLE retained (
    tenant TEXT NOT NULL, topic TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (tenant, topic)
  ) STRICT;
  CREATE TABLE kv_space (
    tenant TEXT NOT NULL, plugin TEXT NOT NULL, bytes INTEGER NOT NULL, keys INTEGER NOT NULL,
    last_version INTEGER NOT NULL, PRIMARY KEY (tenant, plugin)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE kv (
    tenant TEXT NOT NULL, plugin TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
    version INTEGER NOT NULL, PRIMARY KEY (tenant, plugin, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE audit (
    place INTEGER PRIMARY KEY, tenant TEXT NOT NULL, record TEXT NOT NULL,
    previous TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE TABLE last_batch (number INTEGER NOT NULL) STRICT;
  INSERT INTO last_batch VALUES (0);
  CREATE INDEX audit_tenant ON audit (tenant, place);
  `,
]

const SCHEMA_VERSION = MIGRATIONS.length

/**
 * Brings a store up to date, each step whole or not at all.
 *
 * @throws BulkheadError ERR_STORE of a store that a newer version has written.
 */
export function migrate(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA user_version').get()
  const version = Number(row?.['user_version'])
  if (version > SCHEMA_VERSION) {
    throw new BulkheadError(
      'ERR_STORE',
      `its format is ${version}, and this version of Bulkhead knows ${SCHEMA_VERSION} at most: ` +
        'start the newer one, or restore a backup of before',
    )
  }
  MIGRATIONS.slice(version).forEach((step, place) => {
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${version + place + 1}; COMMIT`)
  })
}
