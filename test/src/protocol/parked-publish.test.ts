import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const DECIDER = `
import { allow, definePlugin } from 'bulkhead/plugin'
const ANSWERS = {
  low: allow({ maxQos: 0 }),
  fleeting: allow({ retain: false }),
  slow: allow({ throttleMs: 300 }),
}
export default definePlugin({ authorizePublish: (event) => ANSWERS[event.topic] ?? allow() })
`
const folder = tempFolder({ 'decider/plugin.ts': DECIDER })
const { port } = await startBroker({
  anonymous: true,
  mqtt: { receiveMaximum: 3, messageSizeLimit: 4 },
  plugins: { [path.join(folder, 'decider')]: null },
})

async function listener(topic: string): Promise<RawClient> {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic, qos: 0 })
  return client
}

describe('what an allow says of the message is done', () => {
  test('maxQos lowers the message; its sender is acknowledged by the QoS that it sent', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'low', qos: 2 })
    client.publish({ topic: 'low', qos: 2, messageId: 1 })
    await client.expect('pubrec')
    assert.equal((await client.expect('publish')).qos, 0)
  })

  test('retain: false delivers, and retains nothing', async () => {
    const heard = await listener('fleeting')
    const client = await RawClient.connect(port)
    client.publish({ topic: 'fleeting', retain: true, qos: 1, messageId: 1 })
    await client.expect('puback')
    await heard.expect('publish')
    const late = await listener('fleeting')
    await late.silence()
  })

  test('throttleMs keeps what comes next from being read for so long', async () => {
    const client = await RawClient.connect(port)
    const start = performance.now()
    client.publish({ topic: 'slow', qos: 1, messageId: 1 })
    await client.expect('puback')
    await client.silence()
    assert.ok(performance.now() - start > 200)
  })
})

test('[MQTT-4.6.0-2] what is refused without a question is told so behind what waits for its answer', async () => {
  const client = await RawClient.connect(port)
  client.publish({ topic: 'asked', qos: 1, messageId: 1 })
  client.publish({ topic: 'large', qos: 1, messageId: 2, payload: 'fives' })
  client.publish({ topic: '$SYS/own', qos: 1, messageId: 3 })
  const first = await client.expect('puback')
  assert.equal(first.messageId, 1)
  for (const [messageId, reasonCode] of [
    [2, 0x97],
    [3, 0x87],
  ]) {
    const puback = await client.expect('puback')
    assert.deepEqual([puback.messageId, puback.reasonCode], [messageId, reasonCode])
  }
})

test('[MQTT-4.3.3-10] a QoS 2 message that is repeated before it is decided is delivered once', async () => {
  const heard = await listener('twice')
  const client = await RawClient.connect(port)
  const message = {
    cmd: 'publish',
    topic: 'twice',
    payload: 'x',
    qos: 2,
    messageId: 1,
    retain: false,
  } as const
  client.send({ ...message, dup: false }, { ...message, dup: true })
  await client.expect('pubrec')
  await client.expect('pubrec')
  client.send({ cmd: 'pubrel', messageId: 1 })
  assert.equal((await client.expect('pubcomp')).reasonCode ?? 0, 0)
  await heard.expect('publish')
  await heard.silence()
})

test('[MQTT-3.3.4-7] what waits for plugins counts towards the receive maximum', async () => {
  const client = await RawClient.connect(port)
  const message = { cmd: 'publish', topic: 'many', payload: '', retain: false, dup: false } as const
  const sent = [1, 2, 1, 2].map((qos, i) => ({ ...message, qos: qos as 1 | 2, messageId: i + 1 }))
  client.send(...sent)
  const packets = await client.end()
  const last = packets.at(-1)
  assert.equal(last?.cmd === 'disconnect' && last.reasonCode, 0x93)
})

test('a message that was sent before its client vanished is delivered', async () => {
  const heard = await listener('last words')
  const client = await RawClient.connect(port)
  client.publish({ topic: 'last words', payload: 'x', qos: 1, messageId: 1 })
  client.socket.end()
  assert.equal((await heard.expect('publish')).payload.toString(), 'x')
})
