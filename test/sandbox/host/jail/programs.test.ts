import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { findProgram } from '../../../../sandbox/host/jail/programs.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

test('a program is found in PATH first, and only if it can be run', (t) => {
  const folder = tempFolder({ true: '', mine: '' })
  chmodSync(path.join(folder, 'true'), 0o755)
  const before = process.env['PATH'] ?? ''
  t.after(() => {
    process.env['PATH'] = before
  })
  process.env['PATH'] = `relative${path.delimiter}${folder}`
  assert.equal(findProgram('true'), path.join(folder, 'true'))
  assert.equal(findProgram('mine'), undefined)
  assert.match(findProgram('sh') ?? '', /^\/(usr\/)?bin\/sh$/)
})
