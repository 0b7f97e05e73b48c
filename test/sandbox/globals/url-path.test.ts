import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  followPath,
  pathAfterAuthority,
  shortened,
  startsWithDrive,
} from '../../../sandbox/globals/url-path.ts'

test('dots lead nowhere, or up, however they are written', () => {
  assert.deepEqual(followPath('http', ['a', 'b'], '../%2E/c/%2e.'), ['a', ''])
  assert.deepEqual(followPath('http', [], '../../x'), ['x'])
})

test('a backslash is a slash where the scheme is special', () => {
  assert.deepEqual(followPath('http', [], 'a\\b'), ['a', 'b'])
  assert.deepEqual(followPath('foo', [], 'a\\b'), ['a\\b'])
})

test('a drive of a file is never left', () => {
  assert.deepEqual(followPath('file', [], 'C|/../..'), ['C:', ''])
  assert.deepEqual(shortened('file', ['C:']), ['C:'])
  assert.deepEqual(shortened('http', ['C:']), [])
  assert.ok(startsWithDrive('c:\\x'))
  assert.ok(!startsWithDrive('c:x'))
})

test('after an authority only a special scheme always has a path', () => {
  assert.deepEqual(pathAfterAuthority('http', ''), [''])
  assert.deepEqual(pathAfterAuthority('foo', ''), [])
  assert.deepEqual(pathAfterAuthority('foo', '/'), [''])
})
