import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginStage } from '../../support/plugin-stage.ts'

const PLUGIN = `
import { allow, definePlugin } from 'bulkhead/plugin'
let asked = 0
export default definePlugin({
  authorizePublish: (event) => {
    asked += 1
    if (event.topic === 'loop') for (;;) {}
    if (event.topic === 'hoard') for (const kept = []; ; ) kept.push('x'.repeat(1000) + kept.length)
    if (event.topic === 'reject') Promise.reject(new Error('nobody listens'))
    return allow({ cacheMs: asked })
  },
})`

test('a limit ends one isolate; the next starts from nothing, in the same process', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN), { softMs: 400, wallMs: 3000 })
  const { pid } = tenant.plugins
  assert.deepEqual((await tenant.publish('a')).verdict, { verdict: 'allow', cacheMs: 1 })
  assert.equal((await tenant.publish('loop')).outcome, 'timeout')
  assert.deepEqual((await tenant.publish('a')).verdict, { verdict: 'allow', cacheMs: 1 })
  const hoarded = await tenant.publish('hoard')
  assert.ok(['memory', 'timeout'].includes(hoarded.outcome), hoarded.outcome)
  assert.deepEqual((await tenant.publish('a')).verdict, { verdict: 'allow', cacheMs: 1 })
  assert.equal(tenant.plugins.pid, pid)
})

test('a rejection that nobody handles fails its frame, and the isolate is made anew', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN))
  assert.equal((await tenant.publish('reject')).outcome, 'threw')
  assert.match(String(stage.toldOf('pluginFaulted')[0]?.[4]), /unhandled rejection: nobody listens/)
  assert.deepEqual((await tenant.publish('a')).verdict, { verdict: 'allow', cacheMs: 1 })
})
