import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uploadedFolder } from '../../../sandbox/bundle/uploaded-files.ts'
import { FOLDER_DEPTH, FOLDER_ENTRIES, FOLDER_MIB, UPLOADED_PATH_CHARS } from '../../../sandbox/limits.ts'

const folderOf = (files: Readonly<Record<string, string>>) =>
  uploadedFolder('gate', new Map(Object.entries(files)))

test('sources are taken; what a folder’s reader leaves out is left out', () => {
  const { files } = folderOf({
    'plugin.ts': 'a',
    'lib/topics.ts': 'b',
    'plugin.yaml': 'c',
    'README.md': 'd',
    'plugin.test.ts': 'e',
    '.env.json': 'f',
    'node_modules/x/index.js': 'g',
  })
  assert.deepEqual([...files.keys()], ['plugin.ts', 'lib/topics.ts', 'plugin.yaml'])
})

const tricks: readonly (readonly [string, string, RegExp])[] = [
  ['a way up', '../plugin.ts', /empty part, \. or \.\./],
  ['a way up in the midst', 'lib/../../plugin.ts', /empty part, \. or \.\./],
  ['a folder of its own', './plugin.ts', /empty part, \. or \.\./],
  ['two slashes', 'lib//plugin.ts', /empty part/],
  ['no name', '', /empty part/],
  ['an absolute path', '/etc/passwd.ts', /is absolute/],
  ['a drive', 'C:/plugin.ts', /is absolute/],
  ['a backslash', '..\\plugin.ts', /has a backslash/],
  ['a NUL', 'plugin.ts\0.json', /characters that no name has/],
  ['a line', 'plugin.ts\nINFO all is well', /characters that no name has/],
  ['text that reads backwards', 'plugin\u202Est.ts', /characters that no name has/],
  ['half a surrogate pair', 'plugin\uD800.ts', /characters that no name has/],
  ['a long name', `${'a'.repeat(UPLOADED_PATH_CHARS)}.ts`, /more than 255 characters/],
  ['folders within folders', `${'a/'.repeat(FOLDER_DEPTH)}plugin.ts`, /folders deep/],
]

for (const [trick, path, message] of tricks) {
  test(`a path with ${trick} is refused by name`, () => {
    const refusal = { code: 'ERR_PLUGIN_UPLOAD', message }
    assert.throws(() => folderOf({ 'plugin.ts': '', [path]: '' }), refusal)
  })
}

test('two paths that are one on some machines are refused', () => {
  const refusal = { code: 'ERR_PLUGIN_UPLOAD', message: /differ in spelling alone/ }
  assert.throws(() => folderOf({ 'plugin.ts': '', 'Plugin.ts': '' }), refusal)
  assert.throws(() => folderOf({ '\u00E9.ts': '', 'e\u0301.ts': '' }), refusal)
})

test('too many files, and too many bytes of them together, are refused', () => {
  const many = Object.fromEntries(Array.from({ length: FOLDER_ENTRIES + 1 }, (_, n) => [`${n}.md`, '']))
  assert.throws(() => folderOf(many), { code: 'ERR_PLUGIN_UPLOAD', message: /more than 1000 files/ })
  const half = 'x'.repeat((FOLDER_MIB * 2 ** 20) / 2)
  assert.throws(() => folderOf({ 'a.md': half, 'b.md': half, 'c.md': 'x' }), {
    code: 'ERR_PLUGIN_UPLOAD',
    message: /more than 5 MiB/,
  })
})
