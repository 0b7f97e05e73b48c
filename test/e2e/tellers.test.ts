import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { HOOKS } from '../../sandbox/sdk/hooks.ts'
import { BrokerProcess } from '../support/broker-process.ts'
import { RawClient } from '../support/raw-client.ts'

const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string }
const TELLERS = HOOKS.filter((hook) => hook.startsWith('on'))

/** Logs every event as it comes, bytes as text, and of a time only that it is one. */
const TOLD = `
import { definePlugin } from 'bulkhead/plugin'
const told = (name) => (event, ctx) => ctx.log.info(name, { event: JSON.stringify(event, (key, value) =>
  key === 'connectedAt' ? typeof value : key === 'payload' ? String.fromCharCode(...value) : value) })
export default definePlugin({
  capabilities: { log: true, payload: true },
${TELLERS.map((hook) => `  ${hook}: told('${hook}'),`).join('\n')}
})
`
const DECIDER = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    if (event.topic === 'boom') throw new Error('boom')
    return event.topic === 'no' ? deny({ code: 0x87, reason: 'not yours' }) : allow()
  },
  authorizeReceive: (event) => event.message.topic !== 'hidden',
})
`
const broker = await BrokerProcess.start(
  {
    listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } },
    anonymous: true,
    quotas: { subscriptionsPerSession: 2, queuedMessages: 1 },
    plugins: { './told': null, './decider': null },
  },
  { 'told/plugin.ts': TOLD, 'decider/plugin.ts': DECIDER },
)

/** The events of one hook so far, as the plugin got them. */
function told(hook: string): readonly unknown[] {
  return broker.log
    .filter(({ source, msg }) => source === 'plugin' && msg === hook)
    .map(({ fields }) => JSON.parse(String(fields?.['event'])) as unknown)
}

/** Waits for the event; the test's own stop ends a wait that is in vain. */
async function expectEvent(hook: string, expected: object): Promise<void> {
  const isThere = (): boolean =>
    told(hook).some((event) => {
      try {
        assert.deepEqual(event, expected)
        return true
      } catch {
        return false
      }
    })
  await broker.until(isThere).catch((error: unknown) => {
    throw new Error(`${hook}: ${JSON.stringify(told(hook))}`, { cause: error })
  })
}

function client(clientId: string): object {
  return {
    clientId,
    principal: 'anonymous',
    roles: [],
    attributes: {},
    protocolVersion: 5,
    listener: 'mqtt',
    remoteAddress: '127.0.0.1',
    connectedAt: 'number',
  }
}

const message = { topic: 't', qos: 1, retain: true, publisher: client('ann'), payload: 'hi' }

test('the broker’s own life', async () => {
  for (const hook of ['onBrokerPreStart', 'onBrokerPostStart']) await expectEvent(hook, { version })
})

test('a client that comes and goes', async () => {
  const options = { clientId: 'bea', keepalive: 30, properties: { sessionExpiryInterval: 9 } }
  const will = { topic: 'w', payload: Buffer.from('x'), qos: 1 as const, retain: false }
  const raw = await RawClient.connect(broker.port, 5, { ...options, will })
  const session = {
    present: false,
    cleanStart: true,
    expirySec: 9,
    keepAliveSec: 30,
    will: { topic: 'w', qos: 1, retain: false },
    queued: 0,
    inflight: 0,
  }
  await expectEvent('onBrokerClientConnected', { client: client('bea'), session })
  raw.socket.destroy()
  const end = { graceful: false, reasonCode: 0x80, by: 'network', willPublished: true }
  await expectEvent('onBrokerClientDisconnected', { client: client('bea'), session, ...end })
  const again = await RawClient.connect(broker.port, 5, { ...options, clean: false })
  again.send({ cmd: 'disconnect' })
  await expectEvent('onBrokerClientDisconnected', {
    client: client('bea'),
    session: { present: true, cleanStart: false, expirySec: 9, keepAliveSec: 30, queued: 0, inflight: 0 },
    graceful: true,
    reasonCode: 0,
    by: 'client',
    willPublished: false,
  })
})

test('subscriptions, one event a filter', async () => {
  const raw = await RawClient.connect(broker.port, 5, { clientId: 'cid' })
  await raw.subscribe({ topic: 'a', qos: 2 }, { topic: 'b/#', qos: 0 })
  await expectEvent('onBrokerClientSubscribed', { client: client('cid'), filter: 'a', qos: 2 })
  await expectEvent('onBrokerClientSubscribed', { client: client('cid'), filter: 'b/#', qos: 0 })
  raw.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['b/#'] })
  await expectEvent('onBrokerClientUnsubscribed', { client: client('cid'), filter: 'b/#' })
  await raw.expect('unsuback')
  assert.deepEqual(await raw.subscribe({ topic: 'c', qos: 0 }, { topic: 'd', qos: 0 }), [0, 0x97])
  const limit = { limit: 'subscriptionsPerSession', value: 2 }
  await expectEvent('onBrokerQuotaExceeded', { client: client('cid'), ...limit })
})

test('messages: received, broadcast, retained, cleared', async () => {
  const raw = await RawClient.connect(broker.port, 5, { clientId: 'ann' })
  raw.publish({ topic: 't', payload: 'hi', qos: 1, messageId: 1, retain: true })
  const event = { client: client('ann'), message }
  await expectEvent('onBrokerMessageReceived', event)
  await expectEvent('onBrokerMessageBroadcast', event)
  await expectEvent('onBrokerRetainedMessage', { ...event, cleared: false })
  raw.publish({ topic: 't', payload: '', qos: 1, messageId: 2, retain: true })
  const empty = { ...message, payload: '' }
  await expectEvent('onBrokerRetainedMessage', { ...event, message: empty, cleared: true })
})

test('messages that did not arrive: dropped at a bound, or refused', async () => {
  const kept = { clientId: 'dan', clean: false, properties: { sessionExpiryInterval: 60 } }
  const away = await RawClient.connect(broker.port, 5, kept)
  await away.subscribe({ topic: 'full', qos: 1 }, { topic: 'hidden', qos: 1 })
  const raw = await RawClient.connect(broker.port, 5, { clientId: 'ann' })
  raw.publish({ topic: 'hidden' })
  const denied = { action: 'receive', topic: 'hidden', reasonCode: 0x87 }
  await expectEvent('onBrokerAccessDenied', { client: client('dan'), ...denied })
  away.send({ cmd: 'disconnect' })
  await away.end()
  for (const messageId of [1, 2]) raw.publish({ topic: 'full', payload: `${messageId}`, qos: 1, messageId })
  await expectEvent('onBrokerMessageDropped', {
    client: client('dan'),
    message: { topic: 'full', qos: 1, retain: false, publisher: client('ann'), payload: '2' },
    reason: 'queue-full',
    limit: 'queuedMessages',
    value: 1,
  })
})

test('what another plugin refused, and where it failed', async () => {
  const raw = await RawClient.connect(broker.port, 5, { clientId: 'eli' })
  raw.publish({ topic: 'no' })
  const denied = { action: 'publish', topic: 'no', reasonCode: 0x87, reason: 'not yours' }
  await expectEvent('onBrokerAccessDenied', { client: client('eli'), ...denied })
  raw.publish({ topic: 'boom' })
  const fault = { plugin: 'decider', hook: 'authorizePublish', outcome: 'threw' }
  await expectEvent('onPluginFaulted', fault)
})

test('packets, both ways; without a client until it is admitted', async () => {
  const raw = await RawClient.connect(broker.port, 5, {
    clientId: 'fay',
    username: 'f',
    password: Buffer.from('p'),
  })
  await expectEvent('onMqttPacketReceived', {
    packet: {
      cmd: 'connect',
      clientId: 'fay',
      protocolVersion: 5,
      cleanStart: true,
      keepAliveSec: 0,
      username: 'f',
    },
  })
  const from = { client: { ...client('fay'), username: 'f' } }
  await expectEvent('onMqttPacketSent', {
    ...from,
    packet: { cmd: 'connack', sessionPresent: false, reasonCode: 0 },
  })
  raw.publish({ topic: 'p', payload: 'hi', qos: 1, messageId: 7 })
  const header = { cmd: 'publish', topic: 'p', qos: 1, retain: false, dup: false, packetId: 7 }
  await expectEvent('onMqttPacketReceived', { ...from, packet: { ...header, payload: 'hi' } })
  await expectEvent('onMqttPacketSent', { ...from, packet: { cmd: 'puback', packetId: 7, reasonCode: 0x10 } })
})

test('the end: every teller has been heard', async () => {
  assert.equal(await broker.end('SIGTERM'), 0)
  for (const hook of ['onBrokerPreShutdown', 'onBrokerPostShutdown']) {
    assert.deepEqual(told(hook), [{ version }])
  }
  assert.deepEqual(
    TELLERS.filter((hook) => told(hook).length === 0),
    [],
  )
})
