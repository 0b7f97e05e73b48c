import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { ownSocketPath, runtimeFolder } from '../../../src/admin/socket-path.ts'
import { BulkheadError } from '../../../src/base/errors.ts'
import { tempFolder } from '../../support/temp-folder.ts'

test('the folder is made for this user alone, and the socket is named by the process', () => {
  const folder = tempFolder({})
  const env = { XDG_RUNTIME_DIR: folder }
  const socket = ownSocketPath(env)
  assert.equal(socket, path.join(folder, 'bulkhead', `${process.pid}.sock`))
  assert.equal(statSync(runtimeFolder(env)).mode & 0o777, 0o700)
  assert.equal(ownSocketPath(env), socket)
})

test('a folder that others can look into, or a link in its place, is refused', () => {
  const folder = tempFolder({})
  const [open, linked] = [path.join(folder, 'open'), path.join(folder, 'linked')]
  mkdirSync(path.join(open, 'bulkhead'), { recursive: true })
  chmodSync(path.join(open, 'bulkhead'), 0o755)
  mkdirSync(linked)
  symlinkSync(folder, path.join(linked, 'bulkhead'))
  for (const made of [open, linked]) {
    assert.throws(
      () => ownSocketPath({ XDG_RUNTIME_DIR: made }),
      (error) => error instanceof BulkheadError && error.code === 'ERR_CONTROL',
    )
  }
})

test('without a runtime folder it is below the one for temporary files, one a user', () => {
  assert.match(runtimeFolder({}), /bulkhead-\d+$/)
  assert.match(runtimeFolder({ XDG_RUNTIME_DIR: 'relative' }), /bulkhead-\d+$/)
})
