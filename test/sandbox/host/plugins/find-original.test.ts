import assert from 'node:assert/strict'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { test } from 'node:test'
import { transformSync } from 'esbuild'
import fc from 'fast-check'
import { findOriginal } from '../../../../sandbox/host/plugins/find-original.ts'

const statement = fc.constantFrom(
  'const a: number = 1',
  'type T = string | { deep: number }',
  'export function f(x: string): string { return x + `${x} ${x.length}` }',
  '// words',
  '',
  'if (globalThis) { throw new Error("no") }',
)

test('it finds what Node’s own reader finds, for every place of what the builder makes', () => {
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1, maxLength: 30 }), fc.boolean(), (lines, minify) => {
      const source = lines.map((line, place) => line.replace(/\b([aTf])\b/, `$1${place}`)).join('\n')
      const { code, map } = transformSync(source, { loader: 'ts', sourcemap: 'external', minify })
      const payload = JSON.parse(map) as SourceMapPayload
      const oracle = new SourceMap(payload)
      code.split('\n').forEach((text, line) => {
        for (let column = 0; column <= text.length; column += 1) {
          const found = findOriginal(payload.mappings, line, column)
          const entry = oracle.findEntry(line, column)
          // Node also answers with the end of an earlier line; a place belongs to its own
          if (!('originalLine' in entry) || entry.generatedLine !== line) assert.equal(found, undefined)
          else assert.deepEqual(found, { source: 0, line: entry.originalLine, column: entry.originalColumn })
        }
      })
    }),
    { numRuns: 50 },
  )
})

test('whatever stands in a map, reading it ends and does not throw', () => {
  const unit = fc.constantFrom('A', 'C', 'g', 'Z', 'z', '9', '+', '/', ';', ',', 'é', ' ')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 200 }), fc.nat(5), fc.nat(50), (mappings, line, column) => {
      const found = findOriginal(mappings, line, column)
      assert.ok(found === undefined || Number.isInteger(found.line))
    }),
  )
})
