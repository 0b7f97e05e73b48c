import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { createBroker } from '../../src/index.ts'
import { startBroker } from '../support/broker.ts'
import { connectWithInbox } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Says what it sees, and whether it can change it. */
const CURIOUS = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { brokerConfig: true, publish: { topics: ['seen'] } },
  authorizeSubscribe: (event, ctx) => {
    let frozen = 'no'
    try { ctx.brokerConfig.settings.greeting = 'changed' } catch { frozen = 'yes' }
    const { settings, tenant, mqtt, listeners } = ctx.brokerConfig
    const seen = [settings.greeting, tenant.name, mqtt.receiveMaximum, listeners.length, frozen]
    ctx.publish({ topic: 'seen', payload: JSON.stringify(seen), retain: true })
    return allow()
  },
})
`
const plugin = path.join(tempFolder({ 'curious/plugin.ts': CURIOUS }), 'curious')

test('a plugin that is granted brokerConfig sees its settings and limits, and changes none', async () => {
  const { url } = await startBroker({
    anonymous: true,
    allow: { brokerConfig: true },
    mqtt: { receiveMaximum: 7 },
    settings: { greeting: 'hello' },
    plugins: { [plugin]: null },
  })
  const { client, inbox } = await connectWithInbox(url)
  await client.subscribeAsync('seen')
  const [message] = await inbox.take(1)
  assert.deepEqual(JSON.parse(message?.payload ?? ''), ['hello', 'default', 7, 2, 'yes'])
})

test('it is granted by name alone', async () => {
  const config = { anonymous: true, listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } } }
  const broker = await createBroker({ ...config, plugins: { [plugin]: null } }, { log: 'silent', env: {} })
  await assert.rejects(broker.start(), { code: 'ERR_PLUGIN_CAPABILITY', message: /asks for brokerConfig/ })
})
