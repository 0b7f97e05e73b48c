import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataException } from '../../../sandbox/globals/data-exception.ts'

test('it has the name and the code that a DOMException of Node’s has', () => {
  for (const name of ['InvalidCharacterError', 'DataCloneError'] as const) {
    const ours = new DataException('why', name, String)
    const theirs = new DOMException('why', name)
    assert.deepEqual([ours.name, ours.code, ours.message], [theirs.name, theirs.code, theirs.message])
    assert.ok(ours instanceof Error)
    assert.equal(String(ours), `${name}: why`)
  }
})
