import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Watch } from '../../../../sandbox/host/cells/watch.ts'
import { DEADLINE_CHECK_MS, WATCH_TURN_MS } from '../../../../sandbox/limits.ts'

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

test('who takes long is looked at in turns, each with the time of then and the stall of its round', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let now = 0
  const watch = new Watch(() => now)
  const looks: (readonly [string, number, number])[] = []
  for (const name of ['one', 'two', 'three']) {
    watch.watch({
      check: (at, stallMs) => {
        looks.push([name, at, stallMs])
        now += WATCH_TURN_MS
        return name !== 'one'
      },
    })
  }
  const stalled = 1000
  now = stalled
  t.mock.timers.tick(DEADLINE_CHECK_MS)
  assert.equal(looks.length, 1)
  // the round goes on: no other begins beside it
  t.mock.timers.tick(DEADLINE_CHECK_MS)
  assert.equal(looks.length, 1)
  await nextTurn()
  await nextTurn()
  const stallMs = stalled - 2 * DEADLINE_CHECK_MS
  assert.deepEqual(looks, [
    ['one', stalled, stallMs],
    ['two', stalled + WATCH_TURN_MS, stallMs],
    ['three', stalled + 2 * WATCH_TURN_MS, stallMs],
  ])
  await nextTurn()
  t.mock.timers.tick(DEADLINE_CHECK_MS)
  assert.deepEqual(looks.at(-1), ['two', now - WATCH_TURN_MS, 0])
})
