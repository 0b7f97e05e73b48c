import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { migrate } from '../../../../src/engine/sqlite/schema.ts'

function tablesOf(database: DatabaseSync): string {
  return JSON.stringify(database.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all())
}

test('an empty store is brought up to date once', () => {
  const database = new DatabaseSync(':memory:')
  migrate(database)
  const tables = tablesOf(database)
  assert.match(tables, /CREATE TABLE queue/)
  migrate(database)
  assert.equal(tablesOf(database), tables)
})

test('a store of a newer version is left alone, and the error says what to do', () => {
  const database = new DatabaseSync(':memory:')
  database.exec('PRAGMA user_version = 99')
  assert.throws(() => migrate(database), { code: 'ERR_STORE', message: /format 99.*restore a backup/s })
  assert.equal(tablesOf(database), '[]')
})
