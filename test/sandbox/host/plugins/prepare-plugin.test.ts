import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeBundleFile } from '../../../../sandbox/bundle/bundle-file.ts'
import { DEFAULT_LIMITS } from '../../../../sandbox/index.ts'
import { MemoryKv } from '../../../../src/engine/memory/memory-kv.ts'
import { pluginFolder } from '../../../support/plugin-folder.ts'
import { PluginStage } from '../../../support/plugin-stage.ts'

const GATE = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  config: {
    type: 'object',
    properties: { users: { type: 'array', items: { type: 'string' } }, qos: { type: 'integer', default: 1 } },
    required: ['users'],
    additionalProperties: false,
  },
  capabilities: { log: true },
  authorizePublish: () => allow(),
})`

test('a folder becomes a plugin: manifest read, options completed, capabilities granted', async (t) => {
  await using stage = await PluginStage.open()
  const path = await pluginFolder(t, {
    'plugin.ts': GATE,
    'package.json': '{"name":"gate","version":"2.0.0"}',
  })
  const source = {
    name: 'front',
    path,
    options: { users: ['alice'] },
    allow: { log: true, kv: true },
  } as const
  const plugin = await stage.host.prepare(source, DEFAULT_LIMITS)
  assert.equal(plugin.name, 'front')
  assert.deepEqual([plugin.bundle?.manifest.name, plugin.bundle?.manifest.version], ['gate', '2.0.0'])
  assert.deepEqual(plugin.config, { users: ['alice'], qos: 1 })
  assert.deepEqual(plugin.capabilities, { log: true })
})

test('a bundle file is the same plugin, without a build', async (t) => {
  await using stage = await PluginStage.open()
  const built = await stage.prepare(GATE, { users: [] })
  assert.ok(built.bundle !== null)
  const path = join(await pluginFolder(t, {}), 'gate.bundle.json')
  await writeBundleFile(path, built.bundle)
  const source = { name: 'guard', path, options: { users: [] }, allow: { log: true } } as const
  assert.deepEqual(await stage.host.prepare(source, DEFAULT_LIMITS), built)
})

test('each kind of mistake has its code and names the plugin', async (t) => {
  await using stage = await PluginStage.open()
  const path = await pluginFolder(t, { 'plugin.ts': GATE })
  const source = { name: 'front', path, options: { users: [] }, allow: { log: true } } as const
  const prepare = (change: object) => stage.host.prepare({ ...source, ...change }, DEFAULT_LIMITS)
  const config = { code: 'ERR_PLUGIN_CONFIG', message: /plugin front: .*usres.*users/ }
  await assert.rejects(prepare({ options: { usres: [] } }), config)
  await assert.rejects(prepare({ allow: {} }), {
    code: 'ERR_PLUGIN_CAPABILITY',
    message: /plugin front asks for log/,
  })
  await assert.rejects(prepare({ path: join(path, 'nowhere') }), { code: 'ERR_PLUGIN_NOT_FOUND' })
})

test('a capability that the host has no port for is a load error that names it', async (t) => {
  const source = `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 1 }, metrics: true },
  onBrokerPostStart: () => {},
})`
  const path = await pluginFolder(t, { 'plugin.ts': source })
  const asks = { name: 'front', path, options: {}, allow: { kv: true, metrics: true } } as const
  await using poor = await PluginStage.open({ ports: { kv: new MemoryKv() } })
  await assert.rejects(poor.host.prepare(asks, DEFAULT_LIMITS), {
    code: 'ERR_PLUGIN_CAPABILITY',
    message: /plugin front asks for metrics, which this host does not serve/,
  })
  await using rich = await PluginStage.open({ ports: { kv: new MemoryKv(), metric: () => undefined } })
  const { capabilities } = await rich.host.prepare(asks, DEFAULT_LIMITS)
  assert.deepEqual(capabilities, { kv: { bytes: 1 }, metrics: true })
})

test('a client loads what was made for one, a broker both', async (t) => {
  await using stage = await PluginStage.open()
  const path = await pluginFolder(t, {
    'gate/plugin.ts': GATE,
    'log/plugin.ts': `
      import { definePlugin } from 'bulkhead/plugin'
      export default definePlugin({ for: 'client', onMqttPacketSent: () => undefined })`,
  })
  const gate = {
    name: 'gate',
    path: join(path, 'gate'),
    options: { users: [] },
    allow: { log: true },
  } as const
  const log = { name: 'log', path: join(path, 'log'), options: {}, allow: {} }
  await assert.rejects(stage.host.prepare({ ...gate, for: 'client' }, DEFAULT_LIMITS), {
    code: 'ERR_PLUGIN_MANIFEST',
    message: /plugin gate is made for a broker, and this is a client/,
  })
  assert.equal((await stage.host.prepare({ ...log, for: 'client' }, DEFAULT_LIMITS)).name, 'log')
  assert.equal((await stage.host.prepare(log, DEFAULT_LIMITS)).name, 'log')
})
