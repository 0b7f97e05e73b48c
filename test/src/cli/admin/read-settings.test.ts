import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { readSettings } from '../../../../src/cli/admin/read-settings.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

const folder = tempFolder({
  'a.yaml': 'prefix: x\nlist: [1]\n',
  'b.json': '{"a":1}',
  'c.yaml': '',
  'd.yaml': '- 1',
  'e.yaml': 'a: [',
})

test('a map is read from YAML and from JSON; an empty file is an empty map', async () => {
  assert.deepEqual(await readSettings(path.join(folder, 'a.yaml')), { prefix: 'x', list: [1] })
  assert.deepEqual(await readSettings(path.join(folder, 'b.json')), { a: 1 })
  assert.deepEqual(await readSettings(path.join(folder, 'c.yaml')), {})
})

test('what is no map, no YAML or not there is said to be so, with the file’s name', async () => {
  for (const name of ['d.yaml', 'e.yaml', 'f.yaml'])
    await assert.rejects(readSettings(path.join(folder, name)), {
      code: 'ERR_USAGE',
      message: new RegExp(name),
    })
})
