import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AUDIT_RECORDS } from '../../../../src/base/limits.ts'
import { AuditTable, chained } from '../../../../src/engine/sqlite/audit-table.ts'
import { openStore } from '../../../../src/engine/sqlite/open-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

test('each tenant’s records are a chain, in which a changed one does not fit', () => {
  const database = openStore(dataFolder(), 'os')
  const table = new AuditTable(database)
  for (const tenant of ['acme', 'globex', 'acme', 'acme']) table.append(tenant, `{"of":"${tenant}"}`)
  const isWhole = (): boolean => {
    const rows = database.prepare('SELECT * FROM audit WHERE tenant = ? ORDER BY place').all('acme')
    return rows.every(
      (row, place) =>
        row['previous'] === (rows[place - 1]?.['hash'] ?? '') &&
        row['hash'] === chained(String(row['previous']), String(row['record'])),
    )
  }
  assert.ok(isWhole())
  database.exec(`UPDATE audit SET record = '{"of":"nobody"}' WHERE place = 3`)
  assert.ok(!isWhole())
})

test('past the bound the oldest of who has most goes, and what is kept is counted when it is opened', () => {
  const database = openStore(dataFolder(), 'os')
  database.exec('BEGIN')
  const first = new AuditTable(database)
  first.append('quiet', '{"of":"quiet"}')
  for (let place = 1; place < AUDIT_RECORDS; place += 1) first.append('loud', `{"n":${place}}`)
  const again = new AuditTable(database)
  again.append('quiet', '{"of":"quiet"}')
  again.append('loud', '{"n":"last"}')
  database.exec('COMMIT')
  assert.equal(again.read('quiet', 10).length, 2)
  assert.equal(again.read(undefined, AUDIT_RECORDS * 2).length, AUDIT_RECORDS)
  const loud = again.read('loud', AUDIT_RECORDS) as unknown as { readonly n: unknown }[]
  assert.deepEqual([loud[0]?.n, loud.at(-1)?.n], [3, 'last'])
})
