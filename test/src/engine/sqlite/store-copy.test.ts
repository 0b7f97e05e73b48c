import assert from 'node:assert/strict'
import { existsSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { lockFolder, openStore, storeFile } from '../../../../src/engine/sqlite/open-store.ts'
import { backupStore, restoreStore } from '../../../../src/engine/sqlite/store-copy.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

function filled(topics: readonly string[], folder: string = dataFolder()): string {
  using database = openStore(folder, 'os')
  for (const topic of topics) retain(database, topic)
  return folder
}

function retain(database: DatabaseSync, topic: string): void {
  database.prepare("INSERT INTO retained VALUES ('acme', ?, x'00')").run(topic)
}

function topicsIn(file: string): readonly unknown[] {
  using database = new DatabaseSync(file, { readOnly: true })
  const rows = database.prepare('SELECT topic FROM retained ORDER BY topic').all()
  return rows.map(({ topic }) => topic)
}

test('a backup has what was committed when it was made, also of a store that is being written', async () => {
  const folder = dataFolder()
  using database = openStore(folder, 'os')
  retain(database, 'committed')
  database.exec('BEGIN IMMEDIATE')
  retain(database, 'not yet')
  const file = join(dataFolder(), 'copy.db')
  const { bytes } = await backupStore(folder, file, false)
  database.exec('COMMIT')
  assert.deepEqual(topicsIn(file), ['committed'])
  assert.deepEqual([statSync(file).size, statSync(file).mode & 0o777], [bytes, 0o600])
})

test('a backup overwrites nothing unless that is said, and leaves nothing half done', async () => {
  const folder = filled(['a'])
  const place = dataFolder()
  const file = join(place, 'copy.db')
  writeFileSync(file, 'of before')
  await assert.rejects(backupStore(folder, file, false), {
    code: 'ERR_STORE',
    message: /--force replaces it/,
  })
  await backupStore(folder, file, true)
  assert.deepEqual(topicsIn(file), ['a'])
  const nowhere = join(place, 'none', 'copy.db')
  await assert.rejects(backupStore(folder, nowhere, false), {
    code: 'ERR_STORE',
    message: /cannot be copied/,
  })
  assert.deepEqual(readdirSync(place), ['copy.db'])
})

test('a store that is not whole is not taken for a backup', async () => {
  const folder = filled(Array.from({ length: 2000 }, (_, n) => `topic/${n}`))
  truncateSync(storeFile(folder), statSync(storeFile(folder)).size - 8192)
  const file = join(dataFolder(), 'copy.db')
  await assert.rejects(backupStore(folder, file, false), { code: 'ERR_STORE' })
  assert.equal(existsSync(file), false)
})

test('restored is what the backup has, and the log of before is not read into it', async () => {
  const folder = filled(['backed up'])
  const file = join(dataFolder(), 'copy.db')
  await backupStore(folder, file, false)
  // a broker that was killed leaves its log
  writeFileSync(`${storeFile(folder)}-wal`, 'of a database that is gone')
  const { before } = await restoreStore(file, folder, true)
  assert.deepEqual(topicsIn(storeFile(folder)), ['backed up'])
  assert.ok(before !== null && existsSync(before), 'what was there is put aside')
})

test('a folder whose broker runs is not restored into, nor one that holds a store unless that is said', async () => {
  const folder = filled(['a'])
  const file = join(dataFolder(), 'copy.db')
  await backupStore(folder, file, false)
  await assert.rejects(restoreStore(file, folder, false), {
    code: 'ERR_STORE',
    message: /--force puts it aside/,
  })
  const lock = lockFolder(folder)
  await assert.rejects(restoreStore(file, folder, true), {
    code: 'ERR_STORE',
    message: /another broker uses/,
  })
  lock.close()
  assert.deepEqual(topicsIn(storeFile(folder)), ['a'])
})

test('a file that is no whole backup changes nothing', async () => {
  const place = dataFolder()
  const [text, empty, cut, newer] = ['text.db', 'empty.db', 'cut.db', 'newer.db'].map((name) =>
    join(place, name),
  ) as [string, string, string, string]
  writeFileSync(text, 'not a database, but long enough to be looked at: '.repeat(100))
  writeFileSync(empty, '')
  await backupStore(filled(Array.from({ length: 2000 }, (_, n) => `topic/${n}`)), cut, false)
  truncateSync(cut, statSync(cut).size - 8192)
  await backupStore(filled(['a']), newer, false)
  using database = new DatabaseSync(newer)
  database.exec('PRAGMA user_version = 99')
  const target = join(place, 'data')
  for (const bad of [text, empty, cut, newer]) {
    await assert.rejects(restoreStore(bad, target, true), { code: 'ERR_STORE', message: /no whole backup/ })
  }
  await assert.rejects(restoreStore(join(place, 'none'), target, true), { message: /there is no file/ })
  assert.equal(existsSync(target), false)
})
