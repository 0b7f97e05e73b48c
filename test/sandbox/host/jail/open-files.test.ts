import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireOpenFiles } from '../../../../sandbox/host/jail/open-files.ts'
import { CELL_FILES_OPEN } from '../../../../sandbox/limits.ts'

test('a process that may open too few files for any cell is told how to get more', () => {
  const few = {
    code: 'ERR_CELL',
    message: /28 files open, and a cell needs 64: raise the limit \(`ulimit -n`/,
  }
  assert.throws(() => requireOpenFiles(28), few)
  requireOpenFiles(CELL_FILES_OPEN)
})

test('where the system does not tell, or tells of enough, nothing is refused', () => {
  requireOpenFiles(undefined)
  requireOpenFiles()
})
