import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { backupStore } from '../../../../src/engine/sqlite/store-copy.ts'
import { openStore } from '../../../../src/engine/sqlite/open-store.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

test('a store that is there is replaced only by --force, and where it lies then is said', async () => {
  const [folder, elsewhere] = [tempFolder({}), tempFolder({})]
  openStore(folder, 'os').close()
  const file = join(elsewhere, 'copy.db')
  await backupStore(folder, file, false)
  const refused = await bulkhead(['restore', '--data', folder, file])
  assert.deepEqual([refused.code, /holds a store already; --force/.test(refused.stderr)], [1, true])
  const forced = await bulkhead(['restore', '--data', folder, '--force', file])
  assert.deepEqual([forced.code, forced.stderr], [0, ''])
  assert.match(forced.stdout, /what was there is in .*bulkhead\.db\.before-/)
})
