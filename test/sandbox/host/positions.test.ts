import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { test } from 'node:test'
import { transformSync } from 'esbuild'
import { Positions } from '../../../sandbox/host/positions.ts'

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

test('every position is mapped as Node itself maps it', () => {
  const { code, map } = transformSync(readFileSync(import.meta.filename, 'utf8'), {
    loader: 'ts',
    sourcemap: 'external',
    sourcefile: 'plugin.ts',
  })
  const oracle = new SourceMap(JSON.parse(map) as SourceMapPayload)
  const positions = new Positions(map)
  for (const [line, text] of code.split('\n').entries()) {
    for (let column = 0; column < text.length; column += 7) {
      const entry = oracle.findEntry(line, column)
      // before the first mapping of a line, Node's answer is one of the line before
      if (!('originalSource' in entry) || entry.generatedLine !== line) continue
      const expected = `plugin.ts:${entry.originalLine + 1}:${entry.originalColumn + 1}`
      assert.equal(new Positions(map).mapText(`plugin:main:${line + 1}:${column + 1}`), expected)
      assert.equal(positions.mapText(`plugin:main:${line + 1}:${column + 1}`), expected)
    }
  }
})

test('a map of a megabyte, or one that lies, holds nobody up', () => {
  const sources = ['plugin.ts']
  const maps = [
    { version: 3, sources, names: [], mappings: `${'AACA,CAAC,'.repeat(100_000)};AAAA` },
    { version: 3, sources, names: [], mappings: `${';'.repeat(1_000_000)}AAAA` },
    { version: 3, sources, names: [], mappings: 'g'.repeat(1_000_000) },
    { version: 3, sources, names: [], mappings: 'é!AAAA' },
    { version: 3, sources: [{ length: 1e9 }], names: [], mappings: 'AAAA' },
  ]
  for (const map of maps) {
    const positions = new Positions(JSON.stringify(map))
    const startedAt = performance.now()
    for (let line = 1; line < 20; line += 1) positions.mapText(`plugin:main:${line}:9999999`)
    const tookMs = performance.now() - startedAt
    // twenty a second is what the budget of faults lets through
    assert.ok(tookMs < 400, `${tookMs} ms`)
  }
})
