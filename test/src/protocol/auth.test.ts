import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

test('[MQTT-4.12.0-7] AUTH without an authentication method in CONNECT is a protocol error', async () => {
  const client = await RawClient.connect(port)
  client.send({ cmd: 'auth', reasonCode: 0x19, properties: { authenticationMethod: 'SCRAM' } })
  assert.equal(await client.disconnected(), 0x82)
})

test('before MQTT 5 there is no AUTH: the connection is closed', async () => {
  const client = await RawClient.connect(port, 4)
  client.write(Buffer.from('f000', 'hex'))
  assert.deepEqual(await client.end(), [])
})
