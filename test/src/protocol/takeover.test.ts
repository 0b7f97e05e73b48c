import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

test('[MQTT-3.1.4-3] MQTT 5: the one before is told 0x8E and closed', async () => {
  const first = await RawClient.connect(port, 5, { clientId: 'twin' })
  await RawClient.connect(port, 5, { clientId: 'twin' })
  assert.equal(await first.disconnected(), 0x8e)
})

test('before MQTT 5 it is closed without a word', async () => {
  const first = await RawClient.connect(port, 4, { clientId: 'old twin' })
  await RawClient.connect(port, 4, { clientId: 'old twin' })
  assert.deepEqual(await first.end(), [])
})

test('the newcomer goes on with the session, what was under way included', async () => {
  const kept = { clientId: 'heir', clean: false, properties: { sessionExpiryInterval: 60 } }
  const first = await RawClient.connect(port, 5, kept)
  await first.subscribe({ topic: 'inherited', qos: 1 })
  const publisher = await RawClient.connect(port)
  publisher.publish({ topic: 'inherited', payload: 'x', qos: 1, messageId: 1 })
  const sent = await first.expect('publish')
  const second = await RawClient.open(port)
  assert.equal((await second.connack(kept)).sessionPresent, true)
  const again = await second.expect('publish')
  assert.deepEqual([again.dup, again.messageId], [true, sent.messageId]) // [MQTT-4.4.0-1]
})

test('another identifier takes nothing over', async () => {
  const first = await RawClient.connect(port, 5, { clientId: 'one' })
  await RawClient.connect(port, 5, { clientId: 'One' })
  await first.silence()
})
