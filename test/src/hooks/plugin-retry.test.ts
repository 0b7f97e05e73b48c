import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { PLUGIN_RETRY_MS } from '../../../src/base/limits.ts'
import { PluginRetry } from '../../../src/hooks/plugin-retry.ts'

const { first, last } = PLUGIN_RETRY_MS

/** Lets the time pass, and what it brought about settle. */
async function pass(ms: number): Promise<void> {
  mock.timers.tick(ms)
  await nextTurn()
}

test('what failed is tried again ever less often, until it succeeds', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  let attempts = 0
  const retry = new PluginRetry(() => Promise.resolve(++attempts === 3))
  t.after(() => retry.stop())
  await pass(first - 1)
  assert.equal(attempts, 0)
  await pass(1)
  assert.equal(attempts, 1)
  await pass(2 * first)
  assert.equal(attempts, 2)
  await pass(4 * first)
  assert.equal(attempts, 3)
  await pass(100 * last)
  assert.equal(attempts, 3, 'it succeeded')
})

test('the wait has a bound', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  let attempts = 0
  const retry = new PluginRetry(() => {
    attempts += 1
    return Promise.resolve(false)
  })
  t.after(() => retry.stop())
  for (let i = 0; i < 20; i++) await pass(last)
  assert.equal(attempts, 20)
})

test('a stopped one tries no more', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  let attempts = 0
  const retry = new PluginRetry(() => Promise.resolve(++attempts === 0))
  retry.stop()
  await pass(10 * last)
  assert.equal(attempts, 0)
})
