import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFolder } from '../../../sandbox/bundle/read-folder.ts'
import { readPackages } from '../../../sandbox/bundle/read-packages.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

test('declared dependencies are read, and theirs, a ring of them once; nothing else is', async (t) => {
  const folder = await readFolder(
    await pluginFolder(t, {
      'package.json':
        '{"dependencies":{"one":"1","gone":"1","../../escape":"1"},"devDependencies":{"dev":"1"}}',
      'node_modules/one/package.json': '{"dependencies":{"two":"1"}}',
      'node_modules/one/node_modules/two/package.json': '{"dependencies":{"one":"1"}}',
      'node_modules/two/package.json': '{"name":"the wrong two"}',
      'node_modules/dev/package.json': '{}',
    }),
  )
  await readPackages(folder)
  assert.deepEqual([...folder.files.keys()].toSorted(), [
    'node_modules/one/node_modules/two/package.json',
    'node_modules/one/package.json',
    'package.json',
  ])
})
