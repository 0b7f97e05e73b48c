import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SOURCE_RETRY_MS } from '../../../src/base/limits.ts'
import { Availability } from '../../../src/sources/availability.ts'
import { recordedSources } from '../../support/recorded-sources.ts'

test('a source that fails is left alone for a time that doubles up to its bound, until it answers', () => {
  const availability = new Availability('database d', recordedSources().observer)
  const { first, last } = SOURCE_RETRY_MS
  let now = 0
  for (let wait: number = first; wait < last; wait *= 2) {
    availability.failed('gone', now)
    assert.deepEqual(
      [availability.isBlocked(now + wait - 1), availability.isBlocked(now + wait)],
      [true, false],
    )
    now += wait
  }
  for (const message of ['gone', 'gone still']) {
    availability.failed(message, now)
    assert.equal(availability.isBlocked(now + last), false)
    now += last
  }
  availability.answered()
  availability.failed('gone', now)
  assert.deepEqual(
    [availability.isBlocked(now + first - 1), availability.isBlocked(now + first)],
    [true, false],
  )
})

test('the operator hears of each kind of failure once, and of a recovery from one', () => {
  const { observer, told } = recordedSources()
  const availability = new Availability('database d', observer)
  availability.answered()
  availability.failed('gone', 0)
  availability.failed('gone', 1)
  availability.complain('no such table')
  availability.complain('no such table')
  availability.answered()
  availability.answered()
  assert.deepEqual(told, ['database d: gone', 'database d: no such table', 'database d answers again'])
})

test('who is refused by a source that is there does not wait', () => {
  const availability = new Availability('database d', recordedSources().observer)
  availability.complain('no such table')
  assert.equal(availability.isBlocked(0), false)
})
