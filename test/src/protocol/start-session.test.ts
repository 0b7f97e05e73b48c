import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { isTooLong } from '../../../src/protocol/start-session.ts'

const plain = await startBroker({ anonymous: true })
const bounded = await startBroker({
  anonymous: true,
  quotas: { sessionExpirySec: 100, maximumPacketSize: 2000 },
  mqtt: { maxKeepAliveSec: 50, topicAliasMaximum: 0 },
})
const dictating = await startBroker({ anonymous: true, mqtt: { serverKeepAliveSec: 33 } })

describe('CONNACK of MQTT 5 says', () => {
  test('[MQTT-3.2.2-22] nothing of what is as the client asked for it', async () => {
    const client = await RawClient.open(plain.port)
    const { properties } = await client.connack({
      keepalive: 20,
      properties: { sessionExpiryInterval: 500 },
    })
    assert.deepEqual(
      { ...properties },
      { receiveMaximum: 100, maximumPacketSize: 2 ** 20, topicAliasMaximum: 32 },
    )
  })

  test('what the tenant’s quotas make of it', async () => {
    const client = await RawClient.open(bounded.port)
    const { properties } = await client.connack({
      keepalive: 51,
      properties: { sessionExpiryInterval: 500 },
    })
    assert.deepEqual(
      { ...properties },
      { sessionExpiryInterval: 100, receiveMaximum: 100, maximumPacketSize: 2000, serverKeepAlive: 50 },
    )
    client.publish({ topic: 'big', payload: 'x'.repeat(2000) })
    assert.equal(await client.disconnected(), 0x95)
  })

  test('[MQTT-3.1.2-21] the keep alive that the server dictates', async () => {
    const client = await RawClient.open(dictating.port)
    assert.equal((await client.connack({ keepalive: 20 })).properties?.serverKeepAlive, 33)
  })

  test('[MQTT-3.2.2-16] the identifier that an unnamed client was given', async () => {
    const client = await RawClient.open(plain.port)
    assert.match(
      (await client.connack({ clientId: '' })).properties?.assignedClientIdentifier ?? '',
      /^auto-/,
    )
  })
})

test('[MQTT-3.2.2-2] [MQTT-3.2.2-3] session present says whether there was one', async () => {
  const kept = { clientId: 'here', properties: { sessionExpiryInterval: 60 } }
  for (const [clean, sessionPresent] of [
    [false, false],
    [false, true],
    [true, false],
  ] as const) {
    const client = await RawClient.open(plain.port)
    assert.equal((await client.connack({ ...kept, clean })).sessionPresent, sessionPresent)
    client.send({ cmd: 'disconnect' })
    await client.end()
  }
})

test('no keep alive is longer than any: allowed only where every other one is', () => {
  assert.equal(isTooLong(0, 0xffff), false)
  assert.equal(isTooLong(0, 0xfffe), true)
  assert.equal(isTooLong(0xffff, 0xffff), false)
  assert.equal(isTooLong(60, 60), false)
  assert.equal(isTooLong(61, 60), true)
})
