import assert from 'node:assert/strict'
import { test } from 'node:test'
import { postgresValues } from '../../../src/sources/postgres-values.ts'

const parse = (oid: number, text: string): unknown =>
  (postgresValues().getTypeParser as (oid: number) => (text: string) => unknown)(oid)(text)

test('what JSON has is read as such, and what it cannot hold stays text', () => {
  assert.deepEqual([parse(16, 't'), parse(16, 'f')], [true, false])
  assert.deepEqual(
    [parse(23, '-7'), parse(20, '9007199254740991'), parse(20, '9007199254740992')],
    [-7, 9_007_199_254_740_991, '9007199254740992'],
  )
  assert.deepEqual([parse(701, '1.5'), parse(701, 'NaN'), parse(701, '-Infinity')], [1.5, 'NaN', '-Infinity'])
  assert.equal(parse(1700, '1.10'), '1.10')
  assert.equal(parse(114, '{"a": 1}'), '{"a": 1}')
})

test('bytes are bytes, and times are ISO 8601', () => {
  assert.deepEqual(parse(17, '\\x00ff'), new Uint8Array([0, 255]))
  assert.equal(parse(1184, '2026-01-31 12:00:00.5+00'), '2026-01-31T12:00:00.5+00:00')
  assert.equal(parse(1184, '2026-01-31 12:00:00+05:30'), '2026-01-31T12:00:00+05:30')
  assert.equal(parse(1114, '2026-01-31 12:00:00'), '2026-01-31T12:00:00')
  assert.equal(parse(1184, 'infinity'), 'infinity')
})
