import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadPlugin } from '../../sandbox/test-kit.ts'
import { BrokerProcess } from '../support/broker-process.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { NAMESPACE, PROJECT } from './project.ts'

/** Its hooks are aMQTT's methods; of each event it logs what aMQTT's method is given. */
const LISTENER = `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true, payload: true, brokerConfig: true },
  onMqttPacketReceived: ({ client, packet }, { log }) =>
    log.info('received ' + packet.cmd, { id: client?.clientId }),
  onMqttPacketSent: ({ client, packet }, { log }) => log.info('sent ' + packet.cmd, { id: client?.clientId }),
  onBrokerPreStart: (_event, { log, brokerConfig }) =>
    log.info('pre start', { own: brokerConfig.settings.own }),
  onBrokerPostStart: (_event, { log }) => log.info('post start'),
  onBrokerPreShutdown: (_event, { log }) => log.info('pre shutdown'),
  onBrokerPostShutdown: (_event, { log }) => log.info('post shutdown'),
  onBrokerClientConnected: ({ client, session }, { log }) =>
    log.info('connected', { id: client.clientId, keepAlive: session.keepAliveSec }),
  onBrokerClientDisconnected: ({ client, session }, { log }) =>
    log.info('disconnected', { id: client.clientId, keepAlive: session.keepAliveSec }),
  onBrokerClientSubscribed: ({ client, filter, qos }, { log }) =>
    log.info('subscribed', { id: client.clientId, filter, qos }),
  onBrokerClientUnsubscribed: ({ client, filter }, { log }) =>
    log.info('unsubscribed', { id: client.clientId, filter }),
  onBrokerMessageReceived: ({ client, message }, { log }) =>
    log.info('message', { id: client?.clientId, topic: message.topic, bytes: message.payload?.length }),
})
`
/** aMQTT's other signature: the client identifier alone. */
const SHORT = `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  onBrokerClientConnected: ({ client: { clientId } }, { log }) => log.info('connected too', { clientId }),
  onBrokerClientDisconnected: ({ client: { clientId } }, { log }) =>
    log.info('disconnected too', { clientId }),
})
`
const BOTH = `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authenticate: () => true,
  topicFiltering: () => true,
  onBrokerClientConnected: (_event, { log }) => log.info('both heard'),
})
`
const listeners = { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } }
const sandbox = { limits: { softMs: 500, wallMs: 2000 } }
const broker = await BrokerProcess.start(
  {
    listeners,
    sandbox,
    allow: { brokerConfig: true },
    settings: { own: 'a variable' },
    plugins: {
      './listener': null,
      './short': null,
      './both': null,
      'module.submodule.file.OneClassName': null,
      'module.submodule.file.TwoClassName': { option1: 123 },
    },
  },
  { ...PROJECT, 'listener/plugin.ts': LISTENER, 'short/plugin.ts': SHORT, 'both/plugin.ts': BOTH },
)
const client = await RawClient.connect(broker.port, 4, { clientId: 'ann', keepalive: 30 })

/** Waits for the line; the test's own stop ends a wait that is in vain. */
function told(msg: string, fields?: object): Promise<void> {
  const wanted = JSON.stringify(fields)
  return broker.until(() =>
    broker.log.some(
      (line) => line.msg === msg && (fields === undefined || JSON.stringify(line.fields) === wanted),
    ),
  )
}

test('[seed-1] [seed-2] [seed-13] a plugin hears of what it has a method for, and of nothing else', async () => {
  await told('connected too', { clientId: 'ann' })
  assert.match(broker.stdout, /plugin {5}listener .*hears 11 events/)
  assert.match(broker.stdout, /plugin {5}short .*hears 2 events/)
})

test('[seed-5] [seed-7] the options are in the context, the default filled in', () =>
  told('options', { option1: 123, option3: 'my_default_value' }))

test('[seed-12] [seed-17] on_broker_pre_start, in which a plugin sees a variable of its own in the config', () =>
  told('pre start', { own: 'a variable' }))

test('[seed-18] on_broker_post_start', () => told('post start'))

test('[seed-21] [seed-23] on_broker_client_connected, in both signatures', async () => {
  await told('connected', { id: 'ann', keepAlive: 30 })
  await told('connected too', { clientId: 'ann' })
})

test('[seed-15] on_mqtt_packet_received, without a session for the first', async () => {
  await told('received connect', {})
  client.send({ cmd: 'pingreq' })
  await client.expect('pingresp')
  await told('received pingreq', { id: 'ann' })
})

test('[seed-14] on_mqtt_packet_sent', () => told('sent connack', { id: 'ann' }))

test('[seed-25] [seed-26] on_broker_client_subscribed and _unsubscribed, with the topic', async () => {
  await client.subscribe({ topic: 'a/+', qos: 1 })
  await told('subscribed', { id: 'ann', filter: 'a/+', qos: 1 })
  client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['a/+'] })
  await told('unsubscribed', { id: 'ann', filter: 'a/+' })
})

test('[seed-27] on_broker_message_received', async () => {
  client.publish({ topic: 'a/b', payload: 'four', qos: 1, messageId: 8, retain: false })
  await told('message', { id: 'ann', topic: 'a/b', bytes: 4 })
})

test('[seed-28] [seed-31] a plugin that decides hears of events as well', () => told('both heard'))

test('[seed-22] [seed-24] on_broker_client_disconnected, in both signatures', async () => {
  client.send({ cmd: 'disconnect' })
  await told('disconnected', { id: 'ann', keepAlive: 30 })
  await told('disconnected too', { clientId: 'ann' })
})

test('[seed-36] in the older form, every plugin of the namespace hears of events', async () => {
  const older = await BrokerProcess.start(
    { listeners, sandbox, pluginNamespace: NAMESPACE, auth: { plugins: ['plugin_alias_name'] } },
    PROJECT,
  )
  await RawClient.connect(older.port, 4, { clientId: 'ann', username: 'ann' })
  const heard = (plugin: string): boolean =>
    older.log.some((line) => line.msg === 'connected' && line.fields?.['plugin'] === plugin)
  await older.until(() => heard('plugin_alias') && heard('plugin_alias_name'))
  const advice = older.log.find(({ msg }) => msg.includes("aMQTT's older form, which is deprecated"))
  assert.ok(advice !== undefined)
  await older.end('SIGTERM')
})

function clientPlugin(hook: string): string {
  return `
import { definePlugin } from 'bulkhead/plugin'
const hook = () => undefined
export default definePlugin({
  for: 'client', onMqttPacketSent: hook, onMqttPacketReceived: hook, ${hook}: hook,
})`
}

test('[seed-16] a client’s plugin has the two packet events, and no other', async () => {
  const folder = tempFolder({
    'client/plugin.ts': clientPlugin('onClose'),
    'wrong/plugin.ts': clientPlugin('onBrokerPreStart'),
  })
  const loaded = await loadPlugin(`${folder}/client`)
  assert.deepEqual([...loaded.hooks].toSorted(), ['onClose', 'onMqttPacketReceived', 'onMqttPacketSent'])
  await loaded.close()
  await assert.rejects(loadPlugin(`${folder}/wrong`), { code: 'ERR_PLUGIN_MANIFEST' })
})

test('[seed-19] [seed-20] on_broker_pre_shutdown and _post_shutdown', async () => {
  await broker.end('SIGTERM')
  const lines = broker.log.map(({ msg }) => msg)
  assert.ok(lines.indexOf('pre shutdown') >= 0)
  assert.ok(lines.indexOf('post shutdown') > lines.indexOf('pre shutdown'))
})
