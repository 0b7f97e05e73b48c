import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { migrate } from '../../../../src/engine/sqlite/schema.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

function opened(path: string): DatabaseSync {
  return new DatabaseSync(path)
}

function tablesOf(database: DatabaseSync): readonly unknown[] {
  const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
  return rows.map(({ name }) => name)
}

function versionOf(database: DatabaseSync): unknown {
  return database.prepare('PRAGMA user_version').get()?.['user_version']
}

test('an empty file gets every table, and the version of the format', () => {
  using database = opened(':memory:')
  migrate(database)
  assert.ok(Number(versionOf(database)) > 0)
  const expected =
    'audit blob document kv kv_space last_batch last_revision message ' +
    'queue received retained session subscription will'
  assert.deepEqual(tablesOf(database), expected.split(' '))
})

test('a store that is up to date is left as it is', () => {
  using database = opened(':memory:')
  migrate(database)
  database.exec("INSERT INTO will VALUES (1, x'00', 'kept'); UPDATE last_batch SET number = 7")
  migrate(database)
  assert.equal(database.prepare('SELECT how FROM will').get()?.['how'], 'kept')
  assert.deepEqual(
    database
      .prepare('SELECT number FROM last_batch')
      .all()
      .map(({ number }) => number),
    [7],
  )
})

test('a store of a newer version is refused, and not touched', () => {
  using database = opened(':memory:')
  database.exec('PRAGMA user_version = 99')
  assert.throws(() => migrate(database), {
    code: 'ERR_STORE',
    message: /its format is 99, and this version of Bulkhead knows \d+ at most: start the newer one/,
  })
  assert.equal(versionOf(database), 99)
  assert.deepEqual(tablesOf(database), [])
})

test('a database of something else is refused, and not touched', () => {
  using database = opened(':memory:')
  database.exec('CREATE TABLE retained (of_a_stranger TEXT)')
  assert.throws(() => migrate(database), { code: 'ERR_STORE', message: 'it is a database of something else' })
  assert.deepEqual([tablesOf(database), versionOf(database)], [['retained'], 0])
})

test('a step is taken whole or not at all', () => {
  const path = join(dataFolder(), 'half.db')
  const database = opened(path)
  // room for some of the tables
  database.exec('PRAGMA max_page_count = 5')
  assert.throws(() => migrate(database), /full/)
  database.close()
  using again = opened(path)
  assert.deepEqual([tablesOf(again), versionOf(again)], [[], 0])
})
