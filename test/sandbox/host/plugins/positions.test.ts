import assert from 'node:assert/strict'
import { test } from 'node:test'
import { transformSync } from 'esbuild'
import { Positions } from '../../../../sandbox/host/plugins/positions.ts'

const { code, map } = transformSync(
  'type A = string\n\nexport const fail = (): A => { throw new Error("no") }\n',
  {
    loader: 'ts',
    sourcemap: 'external',
    sourcefile: 'plugin.ts',
  },
)

test('a position in the bundle becomes one in the plugin’s own file', () => {
  const line = code.split('\n').findIndex((each) => each.includes('throw')) + 1
  const column = (code.split('\n')[line - 1] ?? '').indexOf('throw') + 1
  const mapped = new Positions(map).mapText(`no (plugin:main:${line}:${column})`)
  assert.match(mapped, /^no \(plugin\.ts:3:\d+\)$/)
})

test('without a map, or with one that is none, positions stay as they are', () => {
  for (const json of ['', 'no JSON', '{}', '[]', '{"version":3}']) {
    assert.equal(new Positions(json).mapText('no (plugin:main:1:2)'), 'no (plugin:main:1:2)')
  }
})
