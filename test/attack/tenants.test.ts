import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import type { KvPort } from '../../sandbox/index.ts'
import { startBroker } from '../support/broker.ts'
import { connectClient } from '../support/mqttjs.ts'
import { PluginStage } from '../support/plugin-stage.ts'
import { tempFolder } from '../support/temp-folder.ts'

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

/** Allows what `own` says and has it remembered; whoever is asked about anything else denies. */
const REMEMBERING = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  config: { type: 'object', properties: { own: { type: 'array', items: { type: 'string' } } } },
  authorizePublish: ({ client, topic }, ctx) =>
    ctx.config.own.includes(client.clientId + ' ' + topic) ? allow({ cacheMs: 60_000 }) : deny(),
})`

test('X05 cross-tenant · remembered verdicts: no tenant, client or topic is taken for another', async () => {
  const folder = tempFolder({ 'remembering/plugin.ts': REMEMBERING })
  const use = path.join(folder, 'remembering')
  const tenant = (name: string, own: readonly string[]): object => ({
    match: { usernamePrefix: `${name}:` },
    anonymous: true,
    plugins: { remembering: { use, config: { own } } },
  })
  const { url } = await startBroker({
    tenants: { a: tenant('a', ['u1 a/b', 'u1 a', 'u a']), b: tenant('b', []) },
  })
  const tries = async (name: string, clientId: string, topics: readonly string[]): Promise<string[]> => {
    const client = await connectClient(url, { username: `${name}:x`, clientId, protocolVersion: 5 })
    const ends: string[] = []
    for (const topic of topics) {
      const sent = client.publishAsync(topic, '', { qos: 1 })
      ends.push(await sent.then(() => 'allowed').catch(() => 'denied'))
    }
    await client.endAsync()
    return ends
  }
  const allowed = ['allowed', 'allowed']
  assert.deepEqual(await tries('a', 'u1', ['a/b', 'a/b', 'a', 'a']), [...allowed, ...allowed])
  // the same words, divided otherwise; another tenant; the same client identifier on another connection
  assert.deepEqual(await tries('a', 'u', ['1 a', '1a/b', 'a']), ['denied', 'denied', 'allowed'])
  assert.deepEqual(await tries('a', 'u1a', ['/b', 'a/b']), ['denied', 'denied'])
  assert.deepEqual(await tries('b', 'u1', ['a/b', 'a']), ['denied', 'denied'])
  assert.deepEqual(await tries('a', 'u1', ['a/b', 'b', 'a/b/']), ['allowed', 'denied', 'denied'])
})
