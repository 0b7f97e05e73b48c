import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '../../../../src/engine/sqlite/open-store.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

test('the folder may be the one that the config names', async () => {
  const folder = tempFolder({
    'b.yaml': 'listeners: { mqtt: { type: tcp, bind: "127.0.0.1:0" } }\ndata: .\n',
  })
  openStore(folder, 'os').close()
  const file = join(folder, 'copy.db')
  const { code, stdout, stderr } = await bulkhead(['backup', '-c', join(folder, 'b.yaml'), file])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /copy\.db: \d+ KiB of .*, whole and on the disk\n$/)
  assert.ok(existsSync(file))
})

test('where there is nothing to copy, that is said', async () => {
  const { code, stderr } = await bulkhead(['backup', '--data', tempFolder({}), join(tempFolder({}), 'x.db')])
  assert.equal(code, 1)
  assert.match(stderr, /ERR_STORE: there is no store in /)
})
