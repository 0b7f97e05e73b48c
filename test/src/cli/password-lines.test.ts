import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { setPasswordLine } from '../../../src/cli/password-lines.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const folder = tempFolder({ users: '# people\nann:1\nanna:2' })

it('one line is set or deleted, the others stay, and the file is its owner’s alone', async () => {
  const file = path.join(folder, 'users')
  assert.equal(await setPasswordLine(file, 'ann', '3'), true)
  assert.equal(readFileSync(file, 'utf8'), '# people\nanna:2\nann:3\n')
  assert.equal(await setPasswordLine(file, 'anna', null), true)
  assert.equal(await setPasswordLine(file, 'anna', null), false)
  assert.equal(readFileSync(file, 'utf8'), '# people\nann:3\n')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(folder), ['users'])
})

it('what cannot be replaced is said', async () => {
  await assert.rejects(setPasswordLine(folder, 'ann', '1'), { code: 'ERR_CONFIG_READ' })
})
