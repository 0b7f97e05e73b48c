import assert from 'node:assert/strict'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { BulkheadError } from '../../../../src/base/errors.ts'
import { diskFault, isFaultOfBatch } from '../../../../src/engine/sqlite/disk-fault.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

/** What a database says that it was given nonsense. */
function thrownBySqlite(sql = 'nonsense'): unknown {
  using database = new DatabaseSync(':memory:')
  try {
    database.exec(sql)
  } catch (error) {
    return error
  }
  return undefined
}

test('the folder is named, and what the database says of it, with its number', () => {
  const folder = dataFolder()
  assert.match(
    diskFault(folder, thrownBySqlite()),
    new RegExp(`^${folder}: .*syntax error; SQLite's code 1; look after its disk, or mount it anew$`),
  )
})

test('what names the folder already names it once', () => {
  const folder = dataFolder()
  const message = `the store in ${folder} cannot be opened`
  assert.equal(diskFault(folder, new BulkheadError('ERR_STORE', message)), message)
})

test('what is to be done is said, also of what could not be opened', () => {
  const full = 'PRAGMA max_page_count = 2; CREATE TABLE t (a); CREATE TABLE u (a); CREATE TABLE v (a)'
  const cause = thrownBySqlite(full)
  const unopened = new BulkheadError('ERR_STORE', 'cannot be opened', { cause })
  for (const error of [cause, unopened])
    assert.match(diskFault(dataFolder(), error), /; make room on its disk$/)
  const system = Object.assign(new Error('EIO: i/o error, stat'), { syscall: 'stat' })
  assert.match(diskFault(dataFolder(), system), /EIO.*; look after its disk, or mount it anew$/)
})

test('where the operating system knows more, it says so', () => {
  const folder = path.join(dataFolder(), 'gone')
  assert.match(diskFault(folder, new Error('no')), new RegExp(`^${folder}: no; ENOENT: no such file`))
})

test('what the disk is to blame for is tried again; what the batch is, would not end better', () => {
  const conflict = 'CREATE TABLE t (k PRIMARY KEY); INSERT INTO t VALUES (1), (1)'
  for (const fault of [thrownBySqlite(), thrownBySqlite(conflict), new RangeError('out of range')]) {
    assert.equal(isFaultOfBatch(fault), true)
  }
  const full = 'PRAGMA max_page_count = 2; CREATE TABLE t (a); CREATE TABLE u (a); CREATE TABLE v (a)'
  const system = Object.assign(new Error('EIO: i/o error, stat'), { code: 'EIO', syscall: 'stat' })
  for (const fault of [thrownBySqlite(full), new BulkheadError('ERR_STORE', 'moved'), system]) {
    assert.equal(isFaultOfBatch(fault), false, String(fault))
  }
})
