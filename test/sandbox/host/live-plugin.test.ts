import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, PluginStage } from '../../support/plugin-stage.ts'

const GATE = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event) => {
    if (event.topic === 'loop') for (;;) {}
    return allow()
  },
  onBrokerClientConnected: () => { throw new Error('told in vain') },
})`

test('after a batch ran into the limit questions come alone, and only the culprit falls', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE), { wallMs: 5000 })
  const batch = async (): Promise<string[]> => {
    const answers: Answer[] = await Promise.all(['a', 'loop', 'b'].map((topic) => tenant.publish(topic)))
    return answers.map((answer) => answer.outcome)
  }
  assert.deepEqual(await batch(), ['timeout', 'timeout', 'timeout'])
  assert.deepEqual(await batch(), ['ok', 'timeout', 'ok'])
})

test('a plugin that throws at its start has failed, is told so, and answers loading', async () => {
  await using stage = await PluginStage.open()
  const source = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  setup: () => { throw new Error('no database') },
  authorizePublish: () => allow(),
})`
  const tenant = await stage.tenant('t', await stage.prepare(source))
  assert.equal(tenant.plugin.state, 'failed')
  assert.equal((await tenant.publish('a')).outcome, 'loading')
  const [, , state, detail] = stage.toldOf('pluginState')[0] ?? []
  assert.equal(state, 'failed')
  assert.match(String(detail), /^threw: no database \(plugin\.ts:4:\d+\)$/)
})

test('a teller that throws harms nobody and is reported', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE))
  tenant.plugin.tell('onBrokerClientConnected', null, '{}')
  assert.equal((await tenant.publish('a')).outcome, 'ok')
  await stage.until(() => stage.toldOf('pluginFaulted').length === 1)
  const [, , hook, outcome] = stage.toldOf('pluginFaulted')[0] ?? []
  assert.deepEqual([hook, outcome], ['onBrokerClientConnected', 'threw'])
})

test('its name, version, hooks and capabilities are the manifest’s', async () => {
  await using stage = await PluginStage.open()
  const { plugin } = await stage.tenant('t', await stage.prepare(GATE))
  assert.deepEqual([...plugin.hooks], ['authorizePublish', 'onBrokerClientConnected'])
  assert.deepEqual([plugin.name, plugin.version, plugin.capabilities], ['guard', '0.0.0-dev', { log: true }])
})

const ALARM = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true, timers: true },
  setup: (ctx) => {
    const startedAt = Date.now()
    ctx.timers.after(100, (later) => later.log.info(Date.now() - startedAt < 90 ? 'too early' : 'rang'))
  },
  authorizePublish: (event) => {
    if (event.topic === 'loop') for (;;) {}
    return allow()
  },
})`

test('a timer of an isolate that is gone does not ring in the next one', async () => {
  await using stage = await PluginStage.open()
  const plugin = await stage.prepare(ALARM, {}, { log: true, timers: true })
  const tenant = await stage.tenant('t', plugin, { wallMs: 5000, softMs: 150 })
  const rings = (): unknown[] => stage.toldOf('pluginLog').map((args) => args[3])
  // the first one comes due while the isolate hangs, and waits behind the question that ends it
  assert.equal((await tenant.publish('loop')).outcome, 'timeout')
  await stage.until(() => rings().length > 0)
  assert.equal((await tenant.publish('a')).outcome, 'ok')
  assert.deepEqual(rings(), ['rang'])
})
