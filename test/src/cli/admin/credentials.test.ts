import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import {
  credentialsFile,
  forgetCredentials,
  savedCredentials,
  saveCredentials,
} from '../../../../src/cli/admin/credentials.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

const folder = tempFolder({})
const CREDENTIALS = { api: 'http://127.0.0.1:18083', token: 'bh_x' }

test('they are kept for this user alone, and deleted when they are forgotten', async () => {
  const file = path.join(folder, 'deep/er/credentials.json')
  assert.equal(await savedCredentials(file), undefined)
  await saveCredentials(CREDENTIALS, file)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(await savedCredentials(file), CREDENTIALS)
  assert.deepEqual([await forgetCredentials(file), await forgetCredentials(file)], [true, false])
})

test('a file that is damaged is an error that says what to do', async () => {
  const file = path.join(folder, 'damaged.json')
  for (const text of ['{', '{"api":1,"token":"x"}', 'null']) {
    writeFileSync(file, text)
    await assert.rejects(savedCredentials(file), { code: 'ERR_ADMIN', message: /log in again/ })
  }
})

test('the file is where the system keeps a user’s settings', () => {
  assert.equal(credentialsFile({ XDG_CONFIG_HOME: '/x' }), '/x/bulkhead/credentials.json')
  assert.equal(credentialsFile({ HOME: '/home/ann' }), '/home/ann/.config/bulkhead/credentials.json')
})
