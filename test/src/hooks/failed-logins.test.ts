import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAILED_LOGINS } from '../../../src/base/limits.ts'
import { FailedLogins } from '../../../src/hooks/failed-logins.ts'

test('an address that fails too often within a minute is blocked until the minute is over, and no other', () => {
  const failed = new FailedLogins()
  for (let each = 0; each < FAILED_LOGINS.perMin; each += 1) {
    assert.equal(failed.isBlocked('a', each), false)
    failed.count('a', each)
  }
  assert.equal(failed.isBlocked('a', 59_999), true)
  assert.equal(failed.isBlocked('b', 59_999), false)
  assert.equal(failed.isBlocked('a', 60_000), false)
})

test('so many addresses are remembered, and the one that failed first is forgotten', () => {
  const failed = new FailedLogins()
  for (let each = 0; each < FAILED_LOGINS.perMin; each += 1) failed.count('first', 0)
  for (let each = 1; each < FAILED_LOGINS.addresses; each += 1) failed.count(`other ${each}`, 1)
  assert.equal(failed.isBlocked('first', 2), true)
  failed.count('one more', 2)
  assert.equal(failed.isBlocked('first', 2), false)
})
