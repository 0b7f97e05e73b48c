import { statSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { BulkheadError, messageOf } from '../../base/errors.ts'
import { STORE_FAULTS_TOLD } from '../../base/limits.ts'
import { chained } from './audit-table.ts'
import { storeFile } from './open-store.ts'
import { knownFormat } from './schema.ts'

/** What lies in a store. */
export interface StoreReport {
  readonly folder: string
  /** The version of its format. */
  readonly format: number
  /** Of its files together. */
  readonly bytes: number
  /** What is wrong with it; none: it is whole. */
  readonly faults: readonly string[]
  readonly tenants: readonly TenantReport[]
}

/** What a tenant has in the store. */
export interface TenantReport {
  readonly tenant: string
  readonly sessions: number
  readonly subscriptions: number
  /** Messages that wait for its sessions, or are under way to them. */
  readonly queuedMessages: number
  /** Each counted for every session that waits for it, though it is stored once. */
  readonly queuedBytes: number
  readonly retainedMessages: number
  readonly retainedBytes: number
  readonly wills: number
  readonly kvKeys: number
  readonly kvBytes: number
  /** What operators and tenants manage: tokens, credentials, versions of plugins, and their bundles. */
  readonly documents: number
  readonly blobBytes: number
  readonly auditRecords: number
}

type Counts = { -readonly [Name in keyof Omit<TenantReport, 'tenant'>]: number }

const NOTHING: Readonly<Counts> = {
  sessions: 0,
  subscriptions: 0,
  queuedMessages: 0,
  queuedBytes: 0,
  retainedMessages: 0,
  retainedBytes: 0,
  wills: 0,
  kvKeys: 0,
  kvBytes: 0,
  documents: 0,
  blobBytes: 0,
  auditRecords: 0,
}

/** By tenant; each column is named after what it counts. */
const COUNTED: readonly string[] = [
  'SELECT tenant, count(*) AS sessions FROM session GROUP BY tenant',
  'SELECT tenant, count(*) AS subscriptions FROM subscription JOIN session USING (sid) GROUP BY tenant',
  `SELECT tenant, count(*) AS queuedMessages, sum(length(body)) AS queuedBytes
   FROM queue JOIN session USING (sid) JOIN message USING (mid) GROUP BY tenant`,
  `SELECT tenant, count(*) AS retainedMessages, sum(length(body)) AS retainedBytes
   FROM retained GROUP BY tenant`,
  'SELECT tenant, count(*) AS wills FROM will JOIN session USING (sid) GROUP BY tenant',
  'SELECT tenant, sum(keys) AS kvKeys, sum(bytes) AS kvBytes FROM kv_space GROUP BY tenant',
  'SELECT tenant, count(*) AS documents FROM document GROUP BY tenant',
  'SELECT tenant, sum(length(body)) AS blobBytes FROM blob GROUP BY tenant',
  'SELECT tenant, count(*) AS auditRecords FROM audit GROUP BY tenant',
]

/** What must not be there, as a number of rows. */
const STRAYS: Readonly<Record<string, string>> = {
  'messages owed without their body':
    'SELECT count(*) AS n FROM queue WHERE mid NOT IN (SELECT mid FROM message)',
  'changed messages without their body':
    'SELECT count(*) AS n FROM queue WHERE form > 0 AND form NOT IN (SELECT mid FROM message)',
  'messages owed to no session': 'SELECT count(*) AS n FROM queue WHERE sid NOT IN (SELECT sid FROM session)',
  'subscriptions of no session':
    'SELECT count(*) AS n FROM subscription WHERE sid NOT IN (SELECT sid FROM session)',
  'packet identifiers of no session':
    'SELECT count(*) AS n FROM received WHERE sid NOT IN (SELECT sid FROM session)',
  'wills of no session': 'SELECT count(*) AS n FROM will WHERE sid NOT IN (SELECT sid FROM session)',
  'plugin spaces whose sizes are wrong': `
    SELECT count(*) AS n FROM kv_space AS space WHERE
      keys != (SELECT count(*) FROM kv WHERE kv.tenant = space.tenant AND kv.plugin = space.plugin)`,
}

/**
 * Reads a folder's store, of a broker that runs, too, and says what is in it and what is wrong with it.
 *
 * @throws BulkheadError ERR_STORE: there is none, or it cannot be read at all.
 */
export function reportStore(folder: string): StoreReport {
  const file = storeFile(folder)
  if (sizeOf(file) === 0) throw new BulkheadError('ERR_STORE', `there is no store in ${folder}`)
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(file, { readOnly: true })
    // all of it as it is at one moment
    database.exec('BEGIN')
    const format = knownFormat(database)
    const bytes = sizeOf(file) + sizeOf(`${file}-wal`)
    const faults = [...pageFaults(database), ...strayFaults(database), ...auditFaults(database)]
    return { folder, format, bytes, faults, tenants: tenantReports(database) }
  } catch (cause) {
    const message = `the store in ${folder} cannot be read: ${messageOf(cause)}; restore a backup`
    throw new BulkheadError('ERR_STORE', message, { cause })
  } finally {
    database?.close()
  }
}

function pageFaults(database: DatabaseSync): readonly string[] {
  const found = database.prepare(`PRAGMA integrity_check(${STORE_FAULTS_TOLD})`).all()
  return found.map((row) => String(row['integrity_check'])).filter((fault) => fault !== 'ok')
}

function strayFaults(database: DatabaseSync): readonly string[] {
  return Object.entries(STRAYS).flatMap(([what, sql]) => {
    const n = Number(database.prepare(sql).get()?.['n'])
    return n === 0 ? [] : [`${what}: ${n}`]
  })
}

/** Each tenant's chain, from the oldest record that is kept. */
function auditFaults(database: DatabaseSync): readonly string[] {
  const last = new Map<string, string>()
  const faults: string[] = []
  const all: StatementSync = database.prepare(
    'SELECT place, tenant, record, previous, hash FROM audit ORDER BY place',
  )
  for (const row of all.iterate()) {
    const [tenant, record, previous, hash] = ['tenant', 'record', 'previous', 'hash'].map((name) =>
      String(row[name]),
    ) as [string, string, string, string]
    const expected = last.get(tenant) ?? previous
    last.set(tenant, hash)
    if (previous === expected && hash === chained(previous, record)) continue
    faults.push(`the audit of ${tenant} does not fit from record ${String(row['place'])} on: it was changed`)
    if (faults.length >= STORE_FAULTS_TOLD) break
  }
  return faults
}

function tenantReports(database: DatabaseSync): readonly TenantReport[] {
  const found = new Map<string, Counts>()
  for (const sql of COUNTED) {
    for (const { tenant, ...counts } of database.prepare(sql).all()) {
      const name = String(tenant)
      let of = found.get(name)
      if (of === undefined) found.set(name, (of = { ...NOTHING }))
      Object.assign(of, counts)
    }
  }
  return Array.from(found, ([tenant, counts]) => ({ tenant, ...counts })).toSorted((a, b) =>
    a.tenant < b.tenant ? -1 : 1,
  )
}

/** 0: it is not there. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
