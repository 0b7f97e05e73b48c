import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { CallBudget } from '../../../../sandbox/host/capabilities/call-budget.ts'
import type { PowerPorts, PreparedPlugin } from '../../../../sandbox/host/host-ports.ts'
import { PluginPowers } from '../../../../sandbox/host/plugins/plugin-powers.ts'
import { DEFAULT_LIMITS } from '../../../../sandbox/limits.ts'
import { MemoryKv } from '../../../../src/engine/memory/memory-kv.ts'

const budget = new CallBudget('calls', 1, 10)

function stage(
  t: TestContext,
  capabilities: PreparedPlugin['capabilities'],
  ports: PowerPorts = {},
  taken: () => boolean = () => true,
) {
  t.mock.timers.reset()
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const due: number[] = []
  const powers = new PluginPowers(
    { tenant: 'acme', plugins: [], limits: DEFAULT_LIMITS, jit: false },
    { name: 'gate', bundle: null, config: {}, capabilities, secrets: {} },
    { ...ports, fetches: budget, sourceCalls: budget },
    (timer) => {
      due.push(timer)
      return taken()
    },
  )
  t.after(() => powers.close())
  return { powers, due }
}

test('a plugin has the powers that it was granted, as far as the broker serves them', (t) => {
  const granted = { kv: true, timers: true, log: true, payload: true } as const
  assert.deepEqual([...stage(t, granted).powers.byName.keys()], ['timers'])
})

test('a store that the broker has is one', (t) => {
  const { powers } = stage(t, { kv: true }, { kv: new MemoryKv() })
  assert.deepEqual([...powers.byName.keys()], ['kv'])
})

test('a timer that comes due again before it ran runs once', (t) => {
  const { powers, due } = stage(t, { timers: true })
  powers.byName.get('timers')?.order?.({ op: 'every', timer: 1, ms: 100 })
  t.mock.timers.tick(300)
  assert.deepEqual(due, [1])
  powers.timerRan(1)
  t.mock.timers.tick(100)
  assert.deepEqual(due, [1, 1])
})

test('a timer that found no room is not taken for one that will run', (t) => {
  let room = false
  const { powers, due } = stage(t, { timers: true }, {}, () => room)
  powers.byName.get('timers')?.order?.({ op: 'every', timer: 1, ms: 100 })
  t.mock.timers.tick(200)
  assert.equal(due.length, 2)
  room = true
  t.mock.timers.tick(200)
  assert.equal(due.length, 3)
})

test('timers keep the cell awake while they run, and end with their isolate', (t) => {
  const { powers, due } = stage(t, { timers: true })
  assert.equal(powers.keepAwake, false)
  powers.byName.get('timers')?.order?.({ op: 'every', timer: 1, ms: 100 })
  assert.equal(powers.keepAwake, true)
  t.mock.timers.tick(100)
  powers.isolateGone()
  t.mock.timers.tick(1000)
  assert.deepEqual([due, powers.keepAwake], [[1], false])
  // the next isolate's first timer is no less due for having the number of the last one's
  powers.byName.get('timers')?.order?.({ op: 'after', timer: 1, ms: 100 })
  t.mock.timers.tick(100)
  assert.deepEqual(due, [1, 1])
})
