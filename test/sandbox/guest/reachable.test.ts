import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { REACHABLE_LIST, reachablePaths } from '../../support/reachable.ts'

test('a plugin reaches what the checked-in list names, and nothing else', async () => {
  const listed = readFileSync(REACHABLE_LIST, 'utf8').trimEnd().split('\n')
  const found = await reachablePaths()
  const missing = listed.filter((path) => !found.includes(path))
  const added = found.filter((path) => !listed.includes(path))
  const advice = 'judge each of them; then write the list anew: node test/support/reachable.ts'
  assert.deepEqual({ added, missing }, { added: [], missing: [] }, advice)
})

test('the walk finds what is known to be there', async () => {
  const found = new Set(await reachablePaths())
  for (const path of [
    'globalThis.Promise constructs',
    'get globalThis.Map.prototype.size',
    'syntax asyncGenerator.prototype.[[Prototype]].next',
    'ctx.kv.set',
    'ctx.log.info',
  ]) {
    assert.ok(found.has(path), path)
  }
})
