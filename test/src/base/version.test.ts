import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { VERSION } from '../../../src/base/version.ts'

test('the version is the one that package.json states', () => {
  const file = join(import.meta.dirname, '..', '..', '..', 'package.json')
  assert.equal(VERSION, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version)
})
