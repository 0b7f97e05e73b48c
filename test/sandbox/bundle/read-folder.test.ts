import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { readFolder } from '../../../sandbox/bundle/read-folder.ts'
import { FOLDER_DEPTH, FOLDER_ENTRIES, FOLDER_MIB } from '../../../sandbox/limits.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

test('sources, package.json and plugin.yaml are read, and neither tests nor anything else', async (t) => {
  const folder = await pluginFolder(t, {
    'plugin.ts': 'a',
    'plugin.yaml': 'b',
    'package.json': 'c',
    'lib/rule.mjs': 'd',
    'plugin.test.ts': '-',
    'types.d.ts': '-',
    'README.md': '-',
    'other.yaml': '-',
    '.git/config.json': '-',
    'node_modules/one/index.js': '-',
  })
  const read = await readFolder(folder)
  assert.equal(read.name, basename(folder))
  assert.deepEqual(
    [...read.files].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    [
      ['lib/rule.mjs', 'd'],
      ['package.json', 'c'],
      ['plugin.ts', 'a'],
      ['plugin.yaml', 'b'],
    ],
  )
})

test('a folder that is reached through a link is read; a link inside it is refused', async (t) => {
  const folder = await pluginFolder(t, { 'plugin.ts': 'a' })
  const elsewhere = await pluginFolder(t, {})
  await symlink(folder, join(elsewhere, 'link'))
  assert.equal((await readFolder(join(elsewhere, 'link'))).name, basename(folder))
  await assert.rejects(readFolder(elsewhere), { code: 'ERR_PLUGIN_BUILD', message: /^link: is a symlink/ })
})

test('a named pipe does not make the read wait', async (t) => {
  const folder = await pluginFolder(t, {})
  execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'plugin.ts')])
  await assert.rejects(readFolder(folder), { code: 'ERR_PLUGIN_BUILD', message: /is no regular file/ })
})

test('a file where a folder should be is named as such', async (t) => {
  const folder = await pluginFolder(t, { 'plugin.ts': '' })
  const rejection = { code: 'ERR_PLUGIN_NOT_FOUND', message: /is a file; a plugin is named by its folder/ }
  await assert.rejects(readFolder(join(folder, 'plugin.ts')), rejection)
})

test('bytes, entries and depth are bounded', async (t) => {
  const big = await pluginFolder(t, { 'plugin.ts': 'x'.repeat(FOLDER_MIB * 2 ** 20), 'zz.ts': 'x' })
  await assert.rejects(readFolder(big), { message: /too many bytes for a plugin folder/ })
  const names = Array.from({ length: FOLDER_ENTRIES + 1 }, (_, index) => [`${index}.txt`, ''] as const)
  await assert.rejects(readFolder(await pluginFolder(t, Object.fromEntries<string>(names))), {
    message: /too many entries/,
  })
  const deep = await pluginFolder(t, { [`${'a/'.repeat(FOLDER_DEPTH + 1)}x.ts`]: '' })
  await assert.rejects(readFolder(deep), { message: /folders within folders/ })
})
