import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDeclared } from '../../../sandbox/manifest/declared-manifest.ts'

test('folder, package.json and plugin.yaml are handed on side by side', () => {
  assert.deepEqual(readDeclared('gate', undefined, undefined), { folder: 'gate' })
  assert.deepEqual(readDeclared('gate', 'hooks: [onClose]\nmain: a.ts', { name: 'n', version: 7 }), {
    folder: 'gate',
    packageName: 'n',
    yaml: { hooks: ['onClose'], main: 'a.ts' },
    main: 'a.ts',
  })
})

for (const [name, yaml, message] of [
  ['a syntax error, with its line', 'hooks: [a\nb: c', /plugin\.yaml: .* at line 2/s],
  ['a key given twice', 'name: a\nname: b', /the key "name" is there again in line 2/],
  ['a list', '- a', /it must be a map/],
  ['nothing at all', '', /it must be a map/],
  ['an alias, and with it every alias bomb', 'a: &a [x]\nb: *a', /aliases \(\*name\) are refused/],
  ['a main that is no name', 'main: [a]', /main must be the name of a file/],
  ['a file over the limit', `name: ${'x'.repeat(33 * 1024)}`, /has 34 KiB; the limit is 32/],
] as const) {
  test(`a plugin.yaml is refused that has ${name}`, () => {
    assert.throws(() => readDeclared('gate', yaml, undefined), { code: 'ERR_PLUGIN_MANIFEST', message })
  })
}

test('a plugin.yaml is read by the core schema: no dates, no tags that make anything', () => {
  const { yaml } = readDeclared('gate', 'version: 2026-01-01\nname: yes', undefined)
  assert.deepEqual(yaml, { version: '2026-01-01', name: 'yes' })
})
