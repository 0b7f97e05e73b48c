import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockFolder, openStore } from '../../../../src/engine/sqlite/open-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

test('a folder is one broker’s, until it lets it go', () => {
  const folder = dataFolder()
  const lock = lockFolder(folder)
  assert.throws(() => lockFolder(folder), {
    code: 'ERR_STORE',
    message: /another broker uses the data folder/,
  })
  lock.close()
  lockFolder(folder).close()
})

test('the log is synchronised with every commit where fsync is asked for, and not where os is', () => {
  for (const [durability, synchronous] of [
    ['fsync', 2],
    ['os', 0],
  ] as const) {
    const database = openStore(dataFolder(), durability)
    assert.equal(database.prepare('PRAGMA synchronous').get()?.['synchronous'], synchronous)
    assert.equal(database.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal')
    database.close()
  }
})

test('what is no store is refused, by its place', () => {
  const folder = dataFolder()
  writeFileSync(join(folder, 'bulkhead.db'), 'something else, and long enough to be looked at'.repeat(100))
  assert.throws(() => openStore(folder, 'fsync'), {
    code: 'ERR_STORE',
    message: /cannot be opened.*not a database/,
  })
})
