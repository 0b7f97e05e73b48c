import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { ILL_FORMED_TEXTS } from '../../support/ill-formed-texts.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'

const { port } = await startBroker({ anonymous: true })

/** With which code the broker ends the connection that sends this. */
async function refusalOf(written: string): Promise<number | undefined> {
  const client = await RawClient.connect(port)
  client.write(hex(written))
  return client.disconnected()
}

async function unsubscribe(client: RawClient, ...unsubscriptions: string[]): Promise<readonly number[]> {
  client.send({ cmd: 'unsubscribe', messageId: 64_000, unsubscriptions })
  return (await client.expect('unsuback')).granted
}

describe('an UNSUBSCRIBE that breaks the standard ends the connection', () => {
  test('[MQTT-3.10.1-1] flags other than 0010 are malformed', async () => {
    for (let flags = 0; flags < 16; flags += 1) {
      if (flags === 2) continue
      assert.equal(await refusalOf(`a${flags.toString(16)} 06 0001 00 0001'a'`), 0x81, `flags ${flags}`)
    }
  })

  test('[MQTT-3.10.3-1] a filter that is no UTF-8 string is malformed, in whichever place', async () => {
    for (const [what, bytes] of ILL_FORMED_TEXTS) {
      const size = bytes.length / 2
      const written = `0001 00 0001'a' 00${size.toString(16).padStart(2, '0')} ${bytes}`
      assert.equal(await refusalOf(`a2 ${(size + 8).toString(16).padStart(2, '0')} ${written}`), 0x81, what)
    }
    assert.equal(await refusalOf("a2 06 0001 00 0005'a'"), 0x81, 'longer than the packet')
  })

  test('[MQTT-3.10.3-2] without a filter it is refused as cut short', async () => {
    assert.equal(await refusalOf('a2 03 0001 00'), 0x81)
    assert.equal(await refusalOf("a2 0a 0001 07 26 0001'k' 0001'v'"), 0x81)
  })
})

test('[MQTT-3.10.4-1] filters are compared character by character, not matched', async () => {
  const client = await RawClient.connect(port)
  const held = ['a/b', 'a/+', 'a/#', '+/b', '#', '$share/g/a/b', 'é']
  await client.subscribe(...held.map((topic) => ({ topic, qos: 0 as const })))
  const others = [
    'a/B',
    'a/b/',
    '/a/b',
    'a//b',
    'a',
    '+/+',
    '$share/h/a/b',
    '$share/G/a/b',
    'e\u0301',
    ' a/b',
  ]
  assert.deepEqual(
    await unsubscribe(client, ...others),
    others.map(() => 0x11),
  )
  client.publish({ topic: 'a/b' })
  await client.expect('publish')
  await client.expect('publish') // one of its own subscriptions, one of the shared one
  assert.deepEqual(
    await unsubscribe(client, ...held),
    held.map(() => 0),
  )
  client.publish({ topic: 'a/b' })
  client.publish({ topic: 'é' })
  await client.silence()
})

test('[MQTT-3.10.4-2] once it is answered, no new message comes by this filter, and others go on', async () => {
  const client = await RawClient.connect(port)
  const publisher = await RawClient.connect(port)
  await client.subscribe({ topic: 'stop/#', qos: 2 }, { topic: 'stop/a', qos: 0 })
  assert.deepEqual(await unsubscribe(client, 'stop/#'), [0])
  for (const [place, topic] of ['stop/a', 'stop/b', 'stop'].entries()) {
    publisher.publish({ topic, qos: 1, messageId: place + 1 })
    await publisher.expect('puback')
  }
  const { topic, qos } = await client.expect('publish')
  assert.deepEqual([topic, qos], ['stop/a', 0])
  await client.silence()
})

describe('[MQTT-3.10.4-3] what is under way is finished', () => {
  for (const qos of [1, 2] as const) {
    test(`at QoS ${qos}, on this connection and on the next one`, async () => {
      const topic = `under/way/${qos}`
      const options = { clientId: topic, clean: false, properties: { sessionExpiryInterval: 60 } }
      const publisher = await RawClient.connect(port)
      const first = await RawClient.connect(port, 5, options)
      await first.subscribe({ topic, qos })
      const sent: (number | undefined)[] = []
      for (const messageId of [1, 2]) {
        publisher.publish({ topic, qos, messageId })
        await publisher.expect('puback', 'pubrec')
        sent.push((await first.expect('publish')).messageId)
      }
      assert.deepEqual(await unsubscribe(first, topic), [0])
      await acknowledge(first, qos, sent[0])
      first.socket.destroy()
      const back = await RawClient.open(port)
      assert.equal((await back.connack(options)).sessionPresent, true)
      const again = await back.expect('publish')
      assert.deepEqual([again.dup, again.messageId], [true, sent[1]])
      await acknowledge(back, qos, sent[1])
      await back.silence()
    })
  }
})

/** To the end of the exchange. */
async function acknowledge(client: RawClient, qos: 1 | 2, messageId = 0): Promise<void> {
  if (qos === 1) client.send({ cmd: 'puback', messageId })
  else {
    client.send({ cmd: 'pubrec', messageId })
    assert.equal((await client.expect('pubrel')).messageId, messageId)
    client.send({ cmd: 'pubcomp', messageId })
  }
  await client.silence()
}

describe('UNSUBACK', () => {
  test('[MQTT-3.10.4-4] [MQTT-3.10.4-5] answers with the packet identifier, also where nothing was', async () => {
    const client = await RawClient.connect(port)
    const ids = [1, 2, 0x1234, 0x7fff, 0xffff]
    for (const messageId of ids) client.send({ cmd: 'unsubscribe', messageId, unsubscriptions: ['never'] })
    for (const messageId of ids) {
      const unsuback: PacketOf<'unsuback'> = await client.expect('unsuback')
      assert.deepEqual([unsuback.messageId, unsuback.granted], [messageId, [0x11]])
    }
  })

  test('[MQTT-3.10.4-6] [MQTT-3.11.3-1] many filters are taken one by one, and answered at once', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'a', qos: 0 }, { topic: 'b', qos: 0 })
    const codes = await unsubscribe(client, 'b', 'never', 'a', 'b', 'a/#/b', '$share//a')
    assert.deepEqual(codes, [0, 0x11, 0, 0x11, 0x8f, 0x8f]) // the second b is gone by then
    await client.silence()
  })
})
