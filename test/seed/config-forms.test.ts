import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'
import { loadConfig } from '../../src/config/load-config.ts'
import { type Broker, type BrokerOptions, createBroker } from '../../src/index.ts'
import { connectClient } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { NAMESPACE, PROJECT } from './project.ts'

const options = (text: string): string => `plugins: { module.submodule.file.TwoClassName: ${text} }`
const folder = tempFolder({
  ...PROJECT,
  'missing.yaml': options('{}'),
  'mistyped.yaml': options('{ option1: "123" }'),
  'unknown.yaml': options('{ option1: 1, option2: 2 }'),
  'stray.yaml': 'auth: { plugins: [plugin_alias], stray: 1 }',
})
const ENV = {
  BULKHEAD_LISTENERS__MQTT__BIND: '127.0.0.1:0',
  BULKHEAD_LISTENERS__WEB__BIND: '127.0.0.1:0',
  // a loaded machine must not look like a slow plugin
  BULKHEAD_SANDBOX__LIMITS__SOFT_MS: '500',
  BULKHEAD_SANDBOX__LIMITS__WALL_MS: '2000',
}

async function start(file: string, more: BrokerOptions = {}): Promise<Broker> {
  const broker = await createBroker(path.join(folder, file), { log: 'silent', env: ENV, ...more })
  after(() => broker.stop())
  await broker.start()
  return broker
}

/** Whether the broker admits a client, and lets it publish. */
async function may({ listeners }: Broker, username: string, topic: string): Promise<readonly boolean[]> {
  const url = listeners[0]?.url ?? ''
  const client = await connectClient(url, { username, protocolVersion: 5 }).catch(() => undefined)
  if (client === undefined) return [false]
  const published = await client.publishAsync(topic, 'x', { qos: 1 }).then(
    () => true,
    () => false,
  )
  return [true, published]
}

test('[seed-8] [seed-6] the sample config loads as it stands, and its plugins start', async () => {
  const { config } = await loadConfig(path.join(folder, 'modern.yaml'), ENV)
  const place = path.join(folder, 'module/submodule/file')
  assert.deepEqual(
    config.tenants[0]?.plugins.map((plugin) => [plugin.path, plugin.exportName, plugin.options]),
    [
      [place, 'OneClassName', {}],
      [place, 'TwoClassName', { option1: 123 }],
    ],
  )
  const broker = await start('modern.yaml')
  assert.match(broker.describe().join('\n'), /OneClassName.*\n.*TwoClassName.*hears 1 event/)
})

test('[seed-9] a dictionary in place of the file is the same config', async () => {
  const broker = await createBroker(
    {
      listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } },
      sandbox: { limits: { softMs: 500, wallMs: 2000 } },
      plugins: { both: { use: path.join(folder, 'older/file') } },
    },
    { log: 'silent', env: {} },
  )
  after(() => broker.stop())
  await broker.start()
  assert.deepEqual(await may(broker, 'ann', 'open/x'), [true, true])
})

test('[seed-3] [seed-4] an option that is missing, mistyped or unknown stops the start by its name', async () => {
  await assert.rejects(start('missing.yaml'), { code: 'ERR_PLUGIN_CONFIG', message: /option1/ })
  await assert.rejects(start('mistyped.yaml'), { code: 'ERR_PLUGIN_CONFIG', message: /option1/ })
  await assert.rejects(start('unknown.yaml'), { code: 'ERR_PLUGIN_CONFIG', message: /option2/ })
})

test('[seed-10] [seed-11] the namespace that is chosen when the broker is made is loaded', async () => {
  const broker = await start('auth.yaml', { pluginNamespace: NAMESPACE })
  assert.match(broker.describe().join('\n'), / plugin_alias 0.*\n.* plugin_alias_name 0/)
  await assert.rejects(start('auth.yaml', { pluginNamespace: 'sample.plugins' }), {
    code: 'ERR_PLUGIN_NOT_FOUND',
    message: /auth\.yaml:3:7 .*did you mean "plugin_alias"/,
  })
})

test('[seed-37] auth names who validates sessions; topics are then nobody’s business', async () => {
  const broker = await start('auth.yaml', { pluginNamespace: NAMESPACE })
  assert.deepEqual(await may(broker, 'ann', 'shut/x'), [true, true])
  assert.deepEqual(await may(broker, 'bob', 'shut/x'), [false])
})

test('[seed-38] topic-check names who decides on topics; without auth nobody is admitted', async () => {
  const lonely = await start('topic-check.yaml', { pluginNamespace: NAMESPACE })
  assert.deepEqual(await may(lonely, 'ann', 'open/x'), [false])
  const broker = await start('older.yaml', { pluginNamespace: NAMESPACE })
  assert.deepEqual(await may(broker, 'ann', 'open/x'), [true, true])
  assert.deepEqual(await may(broker, 'ann', 'shut/x'), [true, false])
})

test('in the older form, an option that no plugin takes stops the start', async () => {
  await assert.rejects(start('stray.yaml', { pluginNamespace: NAMESPACE }), {
    code: 'ERR_PLUGIN_CONFIG',
    message: /no plugin takes the option "stray"/,
  })
})
