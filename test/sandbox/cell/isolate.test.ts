import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginStage } from '../../support/plugin-stage.ts'

const HOLDER = `
import { allow, definePlugin } from 'bulkhead/plugin'
let asked = 0
let kept: unknown = null
export default definePlugin({
  authorizePublish: (event) => {
    asked += 1
    if (event.topic === 'hold') kept = Array.from({ length: 26 }, () => new Array(131_072).fill(asked))
    if (event.topic === 'waste') for (let at = 0; at < 26; at += 1) kept = new Array(131_072).fill(at)
    return allow({ cacheMs: asked })
  },
})`

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

test('garbage makes no isolate full; what is held does, and the next one starts from nothing', async () => {
  await using stage = await PluginStage.open()
  const patient = { softMs: 1000, wallMs: 5000, cpuShare: 1 }
  const tenant = await stage.tenant('t', await stage.prepare(HOLDER), patient)
  const isRenewed = (): boolean => stage.audited().some(({ event }) => event === 'renewed')
  for (let time = 1; time <= 8; time += 1) {
    assert.deepEqual((await tenant.publish('waste')).verdict, { verdict: 'allow', cacheMs: time })
  }
  assert.equal(isRenewed(), false)
  assert.deepEqual((await tenant.publish('hold')).verdict, { verdict: 'allow', cacheMs: 9 })
  let asked = 0
  // how soon it is looked at is its cell's to say
  for (; !isRenewed(); asked += 1) assert.equal((await tenant.publish('a')).outcome, 'ok')
  assert.ok(asked > 0)
  assert.deepEqual(stage.toldOf('pluginFaulted'), [])
})
