import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { STATEMENTS } from './statements.ts'

const TESTS = path.join(import.meta.dirname, '..')
const TITLE = /\b(?:test|it)\(\s*['"`]((?:\[seed-\d+\] ?)+)/g

/** The numbers in the titles of all tests, wherever they are. */
function titled(): ReadonlySet<number> {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  const tests = files.filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
  const titles = tests.flatMap((file) => [...readFileSync(path.join(TESTS, file), 'utf8').matchAll(TITLE)])
  return new Set(titles.flatMap(([, tags = '']) => (tags.match(/\d+/g) ?? []).map(Number)))
}

test('every statement of the two documents has a test, and every test a statement', () => {
  const numbers = Object.keys(STATEMENTS).map(Number)
  assert.deepEqual(
    [...titled()].toSorted((a, b) => a - b),
    numbers,
  )
})
