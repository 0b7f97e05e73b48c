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
  CREATE TABLE document (
    tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL,
    revision INTEGER NOT NULL, PRIMARY KEY (tenant, kind, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE last_revision (number INTEGER NOT NULL) STRICT;
  INSERT INTO last_revision VALUES (0);
  CREATE TABLE blob (
    tenant TEXT NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (tenant, digest)
  ) STRICT;
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
 * The version of a store's format; 0: it is empty.
 *
 * @throws BulkheadError ERR_STORE of a store that a newer version has written, or that is none of ours.
 */
export function knownFormat(database: DatabaseSync): number {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'])
  if (version === 0 && tables > 0) throw new BulkheadError('ERR_STORE', 'it is a database of something else')
  if (version <= SCHEMA_VERSION) return version
  throw new BulkheadError(
    'ERR_STORE',
    `its format is ${version}, and this version of Bulkhead knows ${SCHEMA_VERSION} at most: ` +
      'start the newer one, or restore a backup of before',
  )
}

/**
 * Brings a store up to date, each step whole or not at all.
 *
 * @throws BulkheadError ERR_STORE of a store that a newer version has written.
 */
export function migrate(database: DatabaseSync): void {
  const version = knownFormat(database)
  MIGRATIONS.slice(version).forEach((step, place) => {
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${version + place + 1}; COMMIT`)
  })
}
