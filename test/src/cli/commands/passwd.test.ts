import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { checkPassword, type PasswordHash } from '../../../../sandbox/index.ts'
import { readPasswordFile } from '../../../../src/config/password-file.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

test('`bulkhead passwd` sets and deletes a user; nothing of the password is kept or said', async () => {
  const file = path.join(tempFolder({}), 'users.txt')
  const { code, stdout } = await bulkhead(['passwd', file, 'ann'], 'secret\n')
  assert.deepEqual([code, stdout], [0, 'added ann\n'])
  const hash = readPasswordFile(file).get('ann') as PasswordHash
  assert.equal(await checkPassword('acme', Buffer.from('secret'), hash), true)
  assert.ok(!readFileSync(file, 'utf8').includes('secret'))
  assert.equal((await bulkhead(['passwd', file, 'a:b'], 'x')).code, 2)
  assert.equal((await bulkhead(['passwd', '-D', file, 'ann'])).stdout, 'deleted ann\n')
  assert.equal(readFileSync(file, 'utf8'), '')
})
