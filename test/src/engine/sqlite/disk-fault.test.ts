import assert from 'node:assert/strict'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { BulkheadError } from '../../../../src/base/errors.ts'
import { diskFault } from '../../../../src/engine/sqlite/disk-fault.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

/** What a database says that it was given nonsense. */
function thrownBySqlite(): unknown {
  using database = new DatabaseSync(':memory:')
  try {
    database.exec('nonsense')
  } catch (error) {
    return error
  }
  return undefined
}

test('the folder is named, and what the database says of it, with its number', () => {
  const folder = dataFolder()
  assert.match(
    diskFault(folder, thrownBySqlite()),
    new RegExp(`^${folder}: .*syntax error; SQLite's code 1$`),
  )
})

test('what names the folder already names it once', () => {
  const folder = dataFolder()
  const message = `the store in ${folder} cannot be opened`
  assert.equal(diskFault(folder, new BulkheadError('ERR_STORE', message)), message)
})

test('where the operating system knows more, it says so', () => {
  const folder = path.join(dataFolder(), 'gone')
  assert.match(diskFault(folder, new Error('no')), new RegExp(`^${folder}: no; ENOENT: no such file`))
})
