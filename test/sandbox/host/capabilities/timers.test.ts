import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { TimersPower } from '../../../../sandbox/host/capabilities/timers.ts'
import { TIMER_MS, TIMERS } from '../../../../sandbox/limits.ts'

function stage(t: TestContext, taken: () => boolean = () => true): { power: TimersPower; due: number[] } {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const due: number[] = []
  const power = new TimersPower((timer) => {
    const is = taken()
    if (is) due.push(timer)
    return is
  })
  t.after(() => power.close())
  return { power, due }
}

test('every rings again and again, after rings once, and a cancelled one not at all', (t) => {
  const { power, due } = stage(t)
  power.order({ op: 'every', timer: 1, ms: 100 })
  power.order({ op: 'after', timer: 2, ms: 150 })
  power.order({ op: 'after', timer: 3, ms: 250 })
  t.mock.timers.tick(200)
  assert.deepEqual(due, [1, 2, 1])
  power.order({ op: 'cancel', timer: 3 })
  assert.equal(power.count, 1)
  t.mock.timers.tick(100)
  assert.deepEqual(due, [1, 2, 1, 1])
})

test('one that finds no room rings again until it does', (t) => {
  let room = false
  const { power, due } = stage(t, () => room)
  power.order({ op: 'after', timer: 1, ms: 100 })
  t.mock.timers.tick(100)
  assert.deepEqual([due, power.count], [[], 1])
  room = true
  t.mock.timers.tick(TIMER_MS)
  assert.deepEqual([due, power.count], [[1], 0])
})

test('one that finds no room can be cancelled, and ends with its isolate', (t) => {
  const { power, due } = stage(t, () => false)
  for (const timer of [1, 2]) power.order({ op: 'after', timer, ms: 100 })
  t.mock.timers.tick(100)
  power.order({ op: 'cancel', timer: 1 })
  assert.equal(power.count, 1)
  power.close()
  assert.equal(power.count, 0)
  t.mock.timers.tick(10_000)
  assert.deepEqual(due, [])
})

test('so many run at a time; starting one anew takes no second place', (t) => {
  const { power, due } = stage(t)
  for (let timer = 1; timer <= TIMERS; timer += 1) power.order({ op: 'every', timer, ms: 100 })
  assert.throws(() => power.order({ op: 'every', timer: 99, ms: 100 }), { name: 'Refusal', code: 'limit' })
  power.order({ op: 'after', timer: 1, ms: 100 })
  assert.equal(power.count, TIMERS)
  t.mock.timers.tick(200)
  assert.equal(due.filter((timer) => timer === 1).length, 1)
})

test('when the isolate is gone, nothing rings', (t) => {
  const { power, due } = stage(t)
  power.order({ op: 'every', timer: 1, ms: 100 })
  power.close()
  t.mock.timers.tick(1000)
  assert.deepEqual([due, power.count], [[], 0])
})

test('whatever a cell asks is refused or done: no clock is finer than allowed, none outlasts the bound', (t) => {
  const { power, due } = stage(t)
  for (const ms of [0, -1, TIMER_MS - 1, Number.NaN, Infinity, 86_400_001, '100', null]) {
    assert.throws(() => power.order({ op: 'after', timer: 1, ms }), { code: 'invalid' })
  }
  for (const timer of [1.5, '1', null, Number.NaN]) {
    assert.throws(() => power.order({ op: 'every', timer, ms: 100 }), { code: 'invalid' })
  }
  fc.assert(
    fc.property(fc.anything(), (argument) => {
      try {
        power.order(argument)
      } catch (error) {
        assert.equal((error as Error).name, 'Refusal')
      }
      assert.ok(power.count <= TIMERS)
    }),
  )
  assert.deepEqual(due, [])
})
