import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../../../../sandbox/host/capabilities/power.ts'

test('a refusal carries the code that the plugin reads, and nothing but our own words', () => {
  const refusal = new Refusal('limit', 'the byte quota is used up')
  assert.ok(refusal instanceof Error)
  assert.deepEqual(
    [refusal.code, refusal.message, refusal.name],
    ['limit', 'the byte quota is used up', 'Refusal'],
  )
})
