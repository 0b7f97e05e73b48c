import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

/** A subscriber with a receive maximum of 1, and a message on its way to it, with one more behind. */
async function owed(topic: string, qos: 1 | 2): Promise<{ client: RawClient; id: number }> {
  const client = await RawClient.connect(port, 5, { properties: { receiveMaximum: 1 } })
  await client.subscribe({ topic, qos })
  const publisher = await RawClient.connect(port)
  publisher.publish({ topic, payload: 'first', qos: 1, messageId: 1 })
  publisher.publish({ topic, payload: 'second', qos: 2, messageId: 2 })
  await publisher.expect('puback')
  await publisher.expect('pubrec')
  const first = await client.expect('publish')
  assert.equal(first.payload.toString(), 'first')
  assert.equal(first.qos, 1)
  await client.silence() // [MQTT-3.3.4-9]
  return { client, id: first.messageId ?? 0 }
}

describe('towards a subscriber', () => {
  test('[MQTT-3.3.4-9] PUBACK opens the window for the next message', async () => {
    const { client, id } = await owed('ack/1', 2)
    client.send({ cmd: 'puback', messageId: id })
    assert.equal((await client.expect('publish')).payload.toString(), 'second')
  })

  test('[MQTT-4.3.3-4] PUBREC is answered with PUBREL, and PUBCOMP opens the window', async () => {
    const { client, id } = await owed('ack/2', 2)
    client.send({ cmd: 'puback', messageId: id })
    const second = await client.expect('publish')
    assert.equal(second.qos, 2)
    const messageId = second.messageId ?? 0
    client.send({ cmd: 'pubrec', messageId })
    assert.equal((await client.expect('pubrel')).messageId, messageId)
    const publisher = await RawClient.connect(port)
    publisher.publish({ topic: 'ack/2', payload: 'third', qos: 1, messageId: 1 })
    await publisher.expect('puback')
    await client.silence()
    client.send({ cmd: 'pubcomp', messageId })
    assert.equal((await client.expect('publish')).payload.toString(), 'third')
  })

  test('[MQTT-4.4.0-2] a PUBREC with a failure ends the exchange', async () => {
    const { client, id } = await owed('ack/3', 2)
    client.send({ cmd: 'puback', messageId: id })
    const second = await client.expect('publish')
    client.send({ cmd: 'pubrec', messageId: second.messageId ?? 0, reasonCode: 0x97 })
    await client.silence()
    const publisher = await RawClient.connect(port)
    publisher.publish({ topic: 'ack/3', payload: 'third', qos: 1, messageId: 1 })
    assert.equal((await client.expect('publish')).payload.toString(), 'third')
  })

  for (const [what, qos, cmd] of [
    ['PUBREC of a message of QoS 1', 1, 'pubrec'],
    ['PUBCOMP of a message of QoS 1', 1, 'pubcomp'],
    ['PUBACK of a message of QoS 2', 2, 'puback'],
    ['PUBCOMP before PUBREC', 2, 'pubcomp'],
    ['PUBACK behind PUBREC', 2, 'pubrec, puback'],
  ] as const) {
    test(`an acknowledgement that does not fit its message is a protocol error: ${what}`, async () => {
      const { client, id } = await owed(`ack/${what}`, 2)
      let messageId = id
      if (qos === 2) {
        client.send({ cmd: 'puback', messageId })
        messageId = (await client.expect('publish')).messageId ?? 0
      }
      if (cmd === 'pubrec, puback') {
        client.send({ cmd: 'pubrec', messageId })
        await client.expect('pubrel')
        client.send({ cmd: 'puback', messageId })
      } else client.send({ cmd, messageId })
      assert.equal(await client.disconnected(), 0x82)
    })
  }

  test('an acknowledgement of nothing changes nothing', async () => {
    const { client } = await owed('ack/4', 1)
    client.send({ cmd: 'pubcomp', messageId: 999 }, { cmd: 'puback', messageId: 999 })
    await client.silence()
    client.send({ cmd: 'pubrec', messageId: 999 })
    assert.equal((await client.expect('pubrel')).reasonCode, 0)
    client.send({ cmd: 'pubrec', messageId: 999, reasonCode: 0x80 })
    await client.silence()
  })
})

describe('from a publisher', () => {
  for (const version of [4, 5] as const) {
    test(`[MQTT-4.3.3-11] version ${version}: every PUBREL is answered, known or not`, async () => {
      const client = await RawClient.connect(port, version)
      client.publish({ topic: 'rel', qos: 2, messageId: 5 })
      await client.expect('pubrec')
      client.send({ cmd: 'pubrel', messageId: 5 }, { cmd: 'pubrel', messageId: 5 })
      assert.equal((await client.expect('pubcomp')).reasonCode ?? 0, 0)
      assert.equal((await client.expect('pubcomp')).reasonCode ?? 0, 0)
    })
  }

  for (const [title, bytes, code] of [
    ['[MQTT-2.2.1-3] an identifier of 0 is a protocol error', '40020000', 0x82],
    ['[MQTT-3.4.2-1] a code that it cannot have is a protocol error', '4003000192', 0x82],
    ['[MQTT-3.6.1-1] PUBREL with the wrong flags is told with 0x82', '60020001', 0x82],
  ] as const) {
    test(title, async () => {
      const client = await RawClient.connect(port)
      client.write(Buffer.from(bytes, 'hex'))
      assert.equal(await client.disconnected(), code)
    })
  }
})
