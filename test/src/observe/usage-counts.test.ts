import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  isIdle,
  NO_USAGE,
  plusUsage,
  readUsage,
  type UsageCounts,
  usageSince,
  usageText,
} from '../../../src/observe/usage-counts.ts'

const counts = fc.record(
  Object.fromEntries(Object.keys(NO_USAGE).map((field) => [field, fc.nat(1_000_000_000)])),
  { noNullPrototype: true },
) as unknown as fc.Arbitrary<UsageCounts>

test('what was written is read as it was', () => {
  fc.assert(fc.property(counts, (each) => assert.deepEqual(readUsage(usageText(each), 'x'), each)))
})

test('adding is the same in any order, and nothing added changes nothing', () => {
  fc.assert(
    fc.property(counts, counts, (one, other) => {
      assert.deepEqual(plusUsage(one, other), plusUsage(other, one))
      assert.deepEqual(plusUsage(one, NO_USAGE), one)
    }),
  )
})

test('what has come since a reading, added to it, is the reading of now', () => {
  fc.assert(
    fc.property(counts, counts, (before, more) => {
      const now = { ...plusUsage(before, more), kvBytes: more.kvBytes }
      assert.deepEqual(usageSince(before, now), more)
    }),
  )
})

test('a counter that has begun anew counts from there', () => {
  const before = { ...NO_USAGE, cpuMs: 500, messagesIn: 7 }
  const since = usageSince(before, { ...NO_USAGE, cpuMs: 20, messagesIn: 9 })
  assert.deepEqual([since.cpuMs, since.messagesIn], [20, 2])
})

test('who only keeps something is idle', () => {
  assert.ok(isIdle({ ...NO_USAGE, kvBytes: 7 }))
  assert.ok(!isIdle({ ...NO_USAGE, connectedMs: 1 }))
})

test('what is no usage is refused, with its place and the field', () => {
  for (const text of [
    '',
    'null',
    '[]',
    '{"connectedMs":-1}',
    '{"connectedMs":"1"}',
    '{"connectedMs":1e999}',
  ]) {
    assert.throws(() => readUsage(text, 'usage of acme at 2026-03-01T14'), {
      code: 'ERR_STORE',
      message: 'usage of acme at 2026-03-01T14 cannot be read: connectedMs must be a number from 0 on',
    })
  }
})
