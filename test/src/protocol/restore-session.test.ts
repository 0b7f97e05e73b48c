import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { dataFolder } from '../../support/sqlite-engine.ts'

const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } } as const

test('[MQTT-3.1.2-5] a session outlives its broker: subscriptions, and what came for it while it was away', async () => {
  const config = { anonymous: true, data: dataFolder() }
  const first = await startBroker(config)
  const client = await RawClient.connect(first.port, 5, { ...KEPT, clientId: 'ann' })
  await client.subscribe({ topic: 'a/#', qos: 2 }, { topic: 'gone', qos: 1 })
  client.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['gone'] })
  await client.expect('unsuback')
  client.send({ cmd: 'disconnect' })
  await client.end()
  const publisher = await RawClient.connect(first.port)
  publisher.publish({ topic: 'a/b', payload: 'while away', qos: 1, messageId: 1 })
  await publisher.expect('puback')
  await first.broker.stop()

  const second = await startBroker(config)
  const back = await RawClient.open(second.port)
  assert.equal((await back.connack({ ...KEPT, clientId: 'ann' })).sessionPresent, true)
  assert.equal((await back.expect('publish')).payload.toString(), 'while away')
  const other = await RawClient.connect(second.port)
  for (const [topic, messageId] of [
    ['gone', 1],
    ['a/c', 2],
  ] as const) {
    other.publish({ topic, payload: topic, qos: 1, messageId })
    await other.expect('puback')
  }
  assert.equal((await back.expect('publish')).payload.toString(), 'a/c')
})

test('[MQTT-4.4.0-1] what was under way is sent again under its identifier; QoS 2 that came is known', async () => {
  const config = { anonymous: true, data: dataFolder() }
  const first = await startBroker(config)
  const client = await RawClient.connect(first.port, 5, { ...KEPT, clientId: 'bob' })
  await client.subscribe({ topic: 'down', qos: 2 })
  client.publish({ topic: 'up', qos: 2, messageId: 77 })
  await client.expect('pubrec')
  const publisher = await RawClient.connect(first.port)
  publisher.publish({ topic: 'down', payload: 'twice', qos: 2, messageId: 1 })
  await publisher.expect('pubrec')
  const { messageId } = await client.expect('publish')
  client.socket.destroy()
  await first.broker.stop()

  const second = await startBroker(config)
  const hearer = await RawClient.connect(second.port)
  await hearer.subscribe({ topic: 'up', qos: 0 })
  const back = await RawClient.open(second.port)
  await back.connack({ ...KEPT, clientId: 'bob' })
  const again = await back.expect('publish')
  assert.deepEqual([again.messageId, again.dup, again.payload.toString()], [messageId, true, 'twice'])
  back.publish({ topic: 'up', qos: 2, messageId: 77, dup: true })
  await back.expect('pubrec')
  await hearer.silence()
})

test('a session that ends with its connection is not there for the next process', async () => {
  const config = { anonymous: true, data: dataFolder() }
  const first = await startBroker(config)
  const client = await RawClient.connect(first.port, 5, { clean: false, clientId: 'brief' })
  await client.subscribe({ topic: 'a', qos: 1 })
  await first.broker.stop()
  const second = await startBroker(config)
  const back = await RawClient.open(second.port)
  assert.equal((await back.connack({ clean: false, clientId: 'brief' })).sessionPresent, false)
})
