import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

/** A client with a will on `topic`, and somebody who hears it. */
async function withWill(topic: string): Promise<{ client: RawClient; heard: RawClient }> {
  const heard = await RawClient.connect(port)
  await heard.subscribe({ topic, qos: 0 })
  const client = await RawClient.connect(port, 5, {
    will: { topic, payload: Buffer.from('gone'), qos: 0, retain: false },
  })
  return { client, heard }
}

describe('DISCONNECT and the will', () => {
  test('[MQTT-3.14.4-3] a normal one removes it', async () => {
    const { client, heard } = await withWill('will/0')
    client.send({ cmd: 'disconnect', reasonCode: 0 })
    assert.deepEqual(await client.end(), [])
    await heard.silence()
  })

  test('[MQTT-3.1.2-10] with 0x04, or a failure, it is published all the same', async () => {
    for (const reasonCode of [0x04, 0x80]) {
      const { client, heard } = await withWill(`will/${reasonCode}`)
      client.send({ cmd: 'disconnect', reasonCode })
      assert.equal((await heard.expect('publish')).payload.toString(), 'gone')
    }
  })
})

test('[MQTT-3.14.4-2] what comes behind a DISCONNECT is not read', async () => {
  const { client, heard } = await withWill('behind')
  client.send({ cmd: 'disconnect' })
  client.publish({ topic: 'behind', payload: 'too late' })
  assert.deepEqual(await client.end(), [])
  await heard.silence()
})

describe('its session expiry interval', () => {
  const kept = { clientId: 'changes', clean: false, properties: { sessionExpiryInterval: 600 } }

  test('replaces that of CONNECT: with 0 the session ends at once', async () => {
    const client = await RawClient.connect(port, 5, kept)
    client.send({ cmd: 'disconnect', properties: { sessionExpiryInterval: 0 } })
    await client.end()
    const again = await RawClient.open(port)
    assert.equal((await again.connack(kept)).sessionPresent, false)
  })

  test('cannot keep a session that was to end with its connection', async () => {
    const client = await RawClient.connect(port)
    client.send({ cmd: 'disconnect', properties: { sessionExpiryInterval: 60 } })
    assert.equal(await client.disconnected(), 0x82)
  })
})

test('[MQTT-3.14.1-1] a DISCONNECT with flags is malformed, and told with 0x82', async () => {
  const client = await RawClient.connect(port)
  client.write(Buffer.from('e100', 'hex'))
  assert.equal(await client.disconnected(), 0x82)
})

test('[MQTT-3.14.2-1] a DISCONNECT with what only a server says is closed upon in silence', async () => {
  for (const bytes of ['e0018b', 'e00600041c000178']) {
    const client = await RawClient.connect(port)
    client.write(Buffer.from(bytes, 'hex'))
    assert.deepEqual(await client.end(), [])
  }
})
