import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal } from '../../../sandbox/guest/refusal.ts'

test('a refusal is an error with the name and the code that the SDK promises', () => {
  const error = refusal('limit', 'ctx.kv: too much')
  assert.ok(error instanceof Error)
  assert.equal(String(error), 'CapabilityError: ctx.kv: too much')
  assert.equal((error as { code?: unknown }).code, 'limit')
  assert.deepEqual(Object.keys(error), ['code'])
})
