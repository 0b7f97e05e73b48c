import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const DECIDER = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: () => allow(),
  authorizePublish: (event) =>
    event.topic === 'will/' + event.client.principal ? allow({ maxQos: 1, retain: false }) : deny(),
})
`
const HEARER = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizeSubscribe: () => allow(), authorizeReceive: () => allow() })
`
const folder = tempFolder({ 'decider/plugin.ts': DECIDER, 'hearer/plugin.ts': HEARER })
const guarded = await startBroker({ plugins: { [path.join(folder, 'decider')]: null } })
const closed = await startBroker({
  anonymous: true,
  topicDefault: 'deny',
  plugins: { [path.join(folder, 'hearer')]: null },
})
const open = await startBroker({ anonymous: true })

async function listener(port: number, topic = 'will/#'): Promise<RawClient> {
  const client = await RawClient.connect(port, 5, { username: 'listener' })
  await client.subscribe({ topic, qos: 2 })
  return client
}

async function die(port: number, username: string, topic: string): Promise<void> {
  const payload = Buffer.from(username)
  const client = await RawClient.connect(port, 5, {
    username,
    will: {
      topic,
      payload,
      qos: 2,
      retain: true,
      properties: { contentType: 'text', messageExpiryInterval: 50 },
    },
  })
  client.socket.destroy()
}

test('a will needs the plugins’ leave like a publish of its client’s, and what they lower is lowered', async () => {
  const heard = await listener(guarded.port)
  await die(guarded.port, 'mallory', 'will/alice')
  await die(guarded.port, 'alice', 'will/alice')
  const { payload, qos, properties } = await heard.expect('publish')
  assert.equal(payload.toString(), 'alice')
  assert.equal(qos, 1)
  assert.equal(properties?.contentType, 'text') // [MQTT-3.3.2-20]
  assert.equal(properties?.messageExpiryInterval, 50)
  const late = await listener(guarded.port)
  await late.silence()
})

test('[MQTT-3.1.2-15] without plugins it goes out as its client asked, and is retained', async () => {
  const heard = await listener(open.port)
  await die(open.port, 'bob', 'will/bob')
  assert.equal((await heard.expect('publish')).qos, 2)
  const late = await listener(open.port)
  const { retain, payload } = await late.expect('publish')
  assert.deepEqual([retain, payload.toString()], [true, 'bob'])
})

test('where no plugin decides, topicDefault does', async () => {
  for (const [port, isPublished] of [
    [open.port, true],
    [closed.port, false],
  ] as const) {
    const heard = await listener(port, 'will/x')
    const client = await RawClient.connect(port, 5, {
      will: { topic: 'will/x', payload: Buffer.from('x'), qos: 0, retain: false },
    })
    client.send({ cmd: 'disconnect', reasonCode: 4 })
    await client.end()
    if (isPublished) assert.equal((await heard.expect('publish')).payload.toString(), 'x')
    await heard.silence()
  }
})
