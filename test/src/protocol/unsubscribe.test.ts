import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

test('[MQTT-3.11.3-1] [MQTT-3.10.4-5] UNSUBACK has a code for each filter, also where nothing matched', async () => {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic: 'a/+', qos: 0 }, { topic: '$share/g/b', qos: 0 })
  client.send({
    cmd: 'unsubscribe',
    messageId: 7,
    unsubscriptions: ['a/+', 'a/b', 'a/+', '$share/g/b', 'a/#/b'],
  })
  const unsuback = await client.expect('unsuback')
  assert.equal(unsuback.messageId, 7)
  // [MQTT-3.10.4-1]: a filter is compared, not matched
  assert.deepEqual(unsuback.granted, [0, 0x11, 0x11, 0, 0x8f])
})

test('[MQTT-3.10.4-2] [MQTT-3.10.4-3] nothing more comes, but what is under way is finished', async () => {
  const client = await RawClient.connect(port)
  const publisher = await RawClient.connect(port)
  await client.subscribe({ topic: 'u', qos: 2 })
  publisher.publish({ topic: 'u', qos: 2, messageId: 1 })
  await publisher.expect('pubrec')
  const { messageId = 0 } = await client.expect('publish')
  client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['u'] })
  await client.expect('unsuback')
  publisher.publish({ topic: 'u', qos: 1, messageId: 3 })
  await publisher.expect('puback')
  client.send({ cmd: 'pubrec', messageId })
  await client.expect('pubrel')
  client.send({ cmd: 'pubcomp', messageId })
  await client.silence()
})

test('[MQTT-3.10.4-4] before MQTT 5 UNSUBACK has no codes', async () => {
  const client = await RawClient.connect(port, 4)
  client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['never'] })
  assert.equal((await client.expect('unsuback')).messageId, 7)
})

test('[MQTT-3.10.3-2] an UNSUBSCRIBE without a filter is a protocol error', async () => {
  const client = await RawClient.connect(port)
  client.write(Buffer.from('a203000100', 'hex'))
  assert.equal(await client.disconnected(), 0x82)
})
