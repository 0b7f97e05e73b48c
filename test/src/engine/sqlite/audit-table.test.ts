import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { AUDIT_RECORDS } from '../../../../src/base/limits.ts'
import { AuditTable, chained } from '../../../../src/engine/sqlite/audit-table.ts'
import { openedDatabase } from '../../../support/recorded-store.ts'

function opened(context: TestContext): { database: DatabaseSync; audit: AuditTable } {
  const database = openedDatabase(context)
  return { database, audit: new AuditTable(database) }
}

/** The place of each record of a tenant whose hash, or whose predecessor's, does not fit. */
function breaks(database: DatabaseSync, tenant: string): readonly number[] {
  const rows = database
    .prepare('SELECT place, record, previous, hash FROM audit WHERE tenant = ? ORDER BY place')
    .all(tenant)
  const broken: number[] = []
  let before = rows[0]?.['previous']
  for (const { place, record, previous, hash } of rows) {
    if (previous !== before || hash !== chained(String(previous), String(record))) broken.push(Number(place))
    before = hash
  }
  return broken
}

/** Fills the table: many records of one tenant, in one transaction. */
function append(database: DatabaseSync, audit: AuditTable, tenant: string, count: number): void {
  database.exec('BEGIN')
  for (let at = 0; at < count; at += 1) audit.append(tenant, JSON.stringify({ tenant, at }))
  database.exec('COMMIT')
}

function counts(database: DatabaseSync): Record<string, number> {
  const rows = database.prepare('SELECT tenant, count(*) AS n FROM audit GROUP BY tenant').all()
  return Object.fromEntries(rows.map(({ tenant, n }) => [String(tenant), Number(n)]))
}

test('each tenant’s records are a chain of its own, in which all fits', (context) => {
  const { database, audit } = opened(context)
  for (const tenant of ['acme', 'globex', 'acme', 'globex', 'acme']) append(database, audit, tenant, 1)
  assert.deepEqual(breaks(database, 'acme'), [])
  assert.deepEqual(breaks(database, 'globex'), [])
  const first = database.prepare('SELECT tenant FROM audit WHERE previous = ? ORDER BY place').all('')
  assert.deepEqual(
    first.map(({ tenant }) => tenant),
    ['acme', 'globex'],
  )
})

test('a record that was changed does not fit any more', (context) => {
  const { database, audit } = opened(context)
  append(database, audit, 'acme', 5)
  database.exec(`UPDATE audit SET record = '{"tenant":"acme","at":77}' WHERE place = 3`)
  assert.deepEqual(breaks(database, 'acme'), [3])
})

test('whoever changes a record and its hash breaks the next one; so does who takes one out', (context) => {
  const { database, audit } = opened(context)
  append(database, audit, 'acme', 6)
  const forged = '{"tenant":"acme","at":77}'
  const previous = String(database.prepare('SELECT previous FROM audit WHERE place = 2').get()?.['previous'])
  const change = database.prepare('UPDATE audit SET record = ?, hash = ? WHERE place = 2')
  change.run(forged, chained(previous, forged))
  assert.deepEqual(breaks(database, 'acme'), [3])
  database.exec('DELETE FROM audit WHERE place = 5')
  assert.deepEqual(breaks(database, 'acme'), [3, 6])
})

test('the chain goes on where an earlier process has left it', (context) => {
  const { database, audit } = opened(context)
  append(database, audit, 'acme', 2)
  append(database, new AuditTable(database), 'acme', 2)
  assert.deepEqual(breaks(database, 'acme'), [])
  assert.equal(audit.read('acme', 10).length, 4)
})

test('the newest are read, the newest last, of one tenant or of all', (context) => {
  const { database, audit } = opened(context)
  append(database, audit, 'acme', 3)
  append(database, audit, 'globex', 1)
  const read = (tenant: string | undefined, limit: number) =>
    audit.read(tenant, limit).map((record) => `${record.tenant} ${record.at}`)
  assert.deepEqual(read(undefined, 2), ['acme 2', 'globex 0'])
  assert.deepEqual(read('acme', 2), ['acme 1', 'acme 2'])
  assert.deepEqual(read('nobody', 2), [])
})

test('past the bound who has the most pays, until all have their share, across a restart too', (context) => {
  const { database, audit } = opened(context)
  append(database, audit, 'loud', AUDIT_RECORDS)
  append(database, audit, 'quiet', 1)
  assert.deepEqual(counts(database), { loud: AUDIT_RECORDS - 1, quiet: 1 })
  const again = new AuditTable(database)
  append(database, again, 'loud', 2)
  assert.deepEqual(counts(database), { loud: AUDIT_RECORDS - 1, quiet: 1 })
  append(database, again, 'new', 2)
  assert.deepEqual(counts(database), { loud: AUDIT_RECORDS - 3, quiet: 1, new: 2 })
  assert.deepEqual(breaks(database, 'loud'), [], 'the rest of a chain fits when its oldest are gone')
})
