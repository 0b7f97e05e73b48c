import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { examineData } from '../../../src/cli/examine-data.ts'
import { tempFolder } from '../../support/temp-folder.ts'

test('what is kept is measured, and what is free beside it', () => {
  const data = tempFolder({
    'bulkhead.db': 'x'.repeat(1000),
    'bulkhead.db-wal': 'y'.repeat(24),
    'else/z': 'z',
  })
  const found = examineData({ data, durability: 'fsync' })
  assert.ok(found !== undefined && 'bytes' in found && found.freeBytes > 0)
  assert.deepEqual([found.folder, found.durability, found.bytes], [data, 'fsync', 1024])
})

test('a folder that is not there is not made by looking at it', () => {
  const data = path.join(tempFolder({}), 'not', 'yet')
  const found = examineData({ data, durability: 'os' })
  assert.ok(found !== undefined && 'bytes' in found && found.freeBytes > 0)
  assert.deepEqual([found.bytes, existsSync(data)], [0, false])
})

test('where nothing is kept there is nothing to look at; what cannot be looked at says why', () => {
  assert.equal(examineData({ data: undefined, durability: 'fsync' }), undefined)
  assert.equal(examineData({ data: '/data', durability: 'memory' }), undefined)
  const file = path.join(tempFolder({ file: 'no folder' }), 'file')
  const found = examineData({ data: file, durability: 'fsync' })
  assert.match(found !== undefined && 'failure' in found ? found.failure : '', /ENOTDIR/)
})
