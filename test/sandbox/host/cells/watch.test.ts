import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Watch } from '../../../../sandbox/host/cells/watch.ts'
import { DEADLINE_CHECK_MS } from '../../../../sandbox/limits.ts'

test('one timer looks at all that is watched, and stops when nothing is', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const watch = new Watch()
  const looks = { one: 0, other: 0 }
  watch.watch({ check: () => (looks.one += 1) < 3 })
  watch.watch({ check: () => (looks.other += 1) < 1 })
  t.mock.timers.tick(DEADLINE_CHECK_MS * 10)
  assert.deepEqual(looks, { one: 3, other: 1 })
  watch.watch({ check: () => (looks.other += 1) < 0 })
  t.mock.timers.tick(DEADLINE_CHECK_MS)
  assert.equal(looks.other, 2)
})
