import assert from 'node:assert/strict'
import { statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { AuditTable } from '../../../../src/engine/sqlite/audit-table.ts'
import { openStore, storeFile } from '../../../../src/engine/sqlite/open-store.ts'
import { reportStore } from '../../../../src/engine/sqlite/store-report.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

function storeWith(fill: (database: DatabaseSync) => void): string {
  const folder = dataFolder()
  using database = openStore(folder, 'os')
  fill(database)
  return folder
}

test('what each tenant has is counted, and a body for every session that waits for it', () => {
  const folder = storeWith((database) =>
    database.exec(`
      INSERT INTO session VALUES (1, 'acme', 'a', 1, '{}', 0), (2, 'acme', 'b', 1, '{}', 0),
        (3, 'beta', 'a', 1, '{}', 0);
      INSERT INTO subscription VALUES (1, 'x', '{}'), (1, 'y', '{}');
      INSERT INTO message VALUES (7, x'0102030405');
      INSERT INTO queue VALUES (1, 1, 7, '{}', 0, 0, 0), (2, 1, 7, '{}', 0, 0, 0);
      INSERT INTO retained VALUES ('beta', 't', x'010203');
      INSERT INTO will VALUES (3, x'00', '{}')`),
  )
  const { tenants, faults, format } = reportStore(folder)
  assert.deepEqual(faults, [])
  assert.ok(format > 0)
  const nothing = Object.fromEntries(Object.keys(tenants[0] ?? {}).map((name) => [name, 0]))
  assert.deepEqual(tenants, [
    { ...nothing, tenant: 'acme', sessions: 2, subscriptions: 2, queuedMessages: 2, queuedBytes: 10 },
    { ...nothing, tenant: 'beta', sessions: 1, retainedMessages: 1, retainedBytes: 3, wills: 1 },
  ])
})

test('rows that belong to nothing are told by kind', () => {
  const folder = storeWith((database) =>
    database.exec(`
      INSERT INTO subscription VALUES (9, 'x', '{}');
      INSERT INTO queue VALUES (9, 1, 7, '{}', 0, 8, 0);
      INSERT INTO received VALUES (9, 1), (9, 2);
      INSERT INTO will VALUES (9, x'00', '{}');
      INSERT INTO kv_space VALUES ('acme', 'gate', 1, 1, 1)`),
  )
  assert.deepEqual(reportStore(folder).faults, [
    'messages owed without their body: 1',
    'changed messages without their body: 1',
    'messages owed to no session: 1',
    'subscriptions of no session: 1',
    'packet identifiers of no session: 2',
    'wills of no session: 1',
    'plugin spaces whose sizes are wrong: 1',
  ])
})

test('an audit record that was changed is told, with its tenant; those of others are not', () => {
  const folder = storeWith((database) => {
    const audit = new AuditTable(database)
    for (const text of ['first', 'second', 'third']) {
      audit.append('acme', JSON.stringify({ text }))
      audit.append('beta', JSON.stringify({ text }))
    }
    database.exec("UPDATE audit SET record = '{}' WHERE tenant = 'acme' AND record LIKE '%second%'")
  })
  const [fault, ...others] = reportStore(folder).faults
  assert.match(fault ?? '', /^the audit of acme does not fit from record \d+ on: it was changed$/)
  assert.deepEqual(others, [])
})

test('a damaged file is told as such, and one that is not there', () => {
  const folder = storeWith((database) => {
    for (let n = 0; n < 2000; n += 1) database.exec(`INSERT INTO retained VALUES ('acme', 't/${n}', x'00')`)
  })
  truncateSync(storeFile(folder), statSync(storeFile(folder)).size - 8192)
  assert.throws(() => reportStore(folder), {
    code: 'ERR_STORE',
    message: /cannot be read: .*restore a backup/,
  })
  const nowhere = join(folder, 'nowhere')
  assert.throws(() => reportStore(nowhere), { message: `there is no store in ${nowhere}` })
})
