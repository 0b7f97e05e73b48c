import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KvPort } from '../../sandbox/index.ts'
import { PluginStage } from '../support/plugin-stage.ts'

/** ATTACKS' scenarios that need two tenants, or a broken backend, and no more than the plugin host. */
const PATIENT = { softMs: 500, wallMs: 1000 } as const

const LEAKING = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    const seen = 'leak' in globalThis || 'x' in {} || Symbol.for('A').toString === null
    globalThis.leak = event.topic
    Object.prototype.x = 'A'
    return seen ? allow() : deny()
  },
})`

test('X01 cross-tenant · global state: two tenants with one bundle share nothing', async () => {
  await using stage = await PluginStage.open()
  const plugin = await stage.prepare(LEAKING)
  const [one, other] = [
    await stage.tenant('one', plugin, PATIENT),
    await stage.tenant('other', plugin, PATIENT),
  ]
  assert.equal((await one.publish('secret')).verdict?.verdict, 'deny')
  assert.equal((await one.publish('again')).verdict?.verdict, 'allow', 'its own state is there')
  assert.equal((await other.publish('open')).verdict?.verdict, 'deny')
})

const STUCK = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    if (event.topic === 'stuck') Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)
    while (event.topic === 'loop') {}
    return allow()
  },
})`

test("X02 cross-tenant · timers: a stuck cell stops nobody else's clock", async () => {
  await using stage = await PluginStage.open()
  const plugin = await stage.prepare(STUCK)
  const [one, other] = [
    await stage.tenant('one', plugin, PATIENT),
    await stage.tenant('other', plugin, PATIENT),
  ]
  const stuck = one.publish('stuck')
  assert.equal((await other.publish('loop')).outcome, 'timeout')
  assert.equal((await other.publish('open')).verdict?.verdict, 'allow')
  assert.equal((await stuck).outcome, 'deadline')
})

test('X04 cross-tenant · processes: none is ever of two tenants', async () => {
  await using stage = await PluginStage.open()
  const plugin = await stage.prepare(STUCK)
  const [one, other] = [
    await stage.tenant('one', plugin, PATIENT),
    await stage.tenant('other', plugin, PATIENT),
  ]
  const seen = new Map<number | undefined, string>([
    [one.plugins.pid, 'one'],
    [other.plugins.pid, 'other'],
  ])
  assert.equal(seen.size, 2)
  assert.equal((await one.publish('stuck')).outcome, 'deadline')
  assert.equal((await one.publish('open')).verdict?.verdict, 'allow', 'its next cell is there')
  assert.equal((await other.publish('open')).verdict?.verdict, 'allow')
  assert.equal(seen.get(other.plugins.pid), 'other', 'nobody took its cell away')
  assert.equal(seen.has(one.plugins.pid), false, 'a fresh process, nobody else’s before')
})

const READING = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 1024 } },
  authorizePublish: async (event, ctx) => {
    try {
      await ctx.kv.get('k')
      return allow()
    } catch (error) {
      return error.code === 'unavailable' && !/path|secret/.test(error.stack) ? deny() : allow()
    }
  },
})`

function down(): Promise<never> {
  return Promise.reject(new Error('secret at /a/path'))
}

test('H07 crash · a backend that is down: the plugin is told so in our words, and the host lives', async () => {
  const kv: KvPort = { get: down, set: down, delete: down, list: down }
  await using stage = await PluginStage.open({ ports: { kv } })
  const plugin = await stage.prepare(READING, {}, { kv: true })
  const tenant = await stage.tenant('one', plugin, PATIENT)
  for (let time = 0; time < 3; time += 1) {
    assert.equal((await tenant.publish('open')).verdict?.verdict, 'deny')
  }
})
