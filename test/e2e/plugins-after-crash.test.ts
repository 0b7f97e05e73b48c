import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { crashImage } from '../support/crash-image.ts'
import { type PacketOf, RawClient } from '../support/raw-client.ts'
import { dataFolder } from '../support/sqlite-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'

/**
 * Everybody subscribes below `home/`, and gets what is there alone: `home/changed` without its payload,
 * `home/fickle` as this run of the plugin has it. It is never done with `home/slow`.
 */
const STEWARD = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const run = String(Math.random())
const PATCHES = { 'home/changed': { payload: '*', qos: 1 }, 'home/fickle': { payload: run } }
export default definePlugin({
  authorizeSubscribe: ({ filters }) => ({
    filters: filters.map(({ filter }) =>
      filter.startsWith('home/') ? allow() : allow({ rewriteTo: 'home/' + filter })),
  }),
  authorizePublish: ({ topic }) => (topic === 'home/slow' ? new Promise(() => undefined) : allow()),
  authorizeReceive: ({ message: { topic }, targets }) => {
    if (!topic.startsWith('home/')) return deny()
    const patch = PATCHES[topic]
    if (patch === undefined) return allow()
    return { default: 'allow', groups: [{ targets: targets.map((_, place) => place), patch }] }
  },
})
`
const folder = tempFolder({
  'steward/plugin.ts': STEWARD,
  // an author has mended it meanwhile
  'mended/plugin.ts': STEWARD.replace("topic === 'home/slow'", 'false'),
})
const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } } as const

async function begin(plugin: string, data: string = dataFolder()) {
  const plugins = { steward: { use: path.join(folder, plugin) } }
  const { port } = await startBroker({ anonymous: true, plugins, data })
  return { port, data }
}

const first = await begin('steward')
const client = await RawClient.connect(first.port, 5, { ...KEPT, clientId: 'guest' })
await client.subscribe({ topic: '#', qos: 2 })
const away = await RawClient.connect(first.port, 5, { ...KEPT, clientId: 'away' })
await away.subscribe({ topic: 'lamp', qos: 1 })
away.send({ cmd: 'disconnect' })
await away.end()
const publisher = await RawClient.connect(first.port)
for (const [place, name] of ['changed', 'fickle', 'plain', 'lamp'].entries()) {
  publisher.publish({ topic: `home/${name}`, payload: name, qos: 2, messageId: place + 1 })
  await publisher.expect('pubrec')
}
const left: PacketOf<'publish'>[] = []
for (let n = 0; n < 4; n += 1) left.push(await client.expect('publish'))
const undecided = await RawClient.connect(first.port, 5, { ...KEPT, clientId: 'undecided' })
undecided.publish({ topic: 'home/slow', payload: 'slow', qos: 2, messageId: 7 })
await undecided.silence()
// what has come up to now is safe, as far as it is to be
await RawClient.connect(first.port, 5, { ...KEPT, clientId: 'last' })
const second = await begin('mended', crashImage(first.data))

test('[MQTT-4.4.0-1] what plugins had changed is sent again as it left, or not at all', async () => {
  const back = await RawClient.connect(second.port, 5, { ...KEPT, clientId: 'guest' })
  const again = []
  for (let n = 0; n < 4; n += 1) {
    const packet = await back.expect('publish', 'pubrel')
    const { messageId } = packet
    again.push(
      packet.cmd === 'pubrel'
        ? { messageId, released: true }
        : {
            messageId,
            topic: packet.topic,
            payload: packet.payload.toString(),
            qos: packet.qos,
            dup: packet.dup,
          },
    )
  }
  const [changed, fickle, plain, lamp] = left.map(({ messageId }) => messageId)
  assert.deepEqual(left.map(({ payload }) => payload.toString()).toSpliced(1, 1), ['*', 'plain', 'lamp'])
  // PUBREL leaves when it is safe, behind what can leave at once
  assert.deepEqual(again, [
    { messageId: changed, topic: 'changed', payload: '*', qos: 1, dup: true },
    { messageId: plain, topic: 'plain', payload: 'plain', qos: 2, dup: true },
    { messageId: lamp, topic: 'lamp', payload: 'lamp', qos: 2, dup: true },
    // it would be another message by now: the client lets go of what it may have
    { messageId: fickle, released: true },
  ])
})

test('what waited is asked about as it was published, and leaves by the name that its client knows', async () => {
  const back = await RawClient.connect(second.port, 5, { ...KEPT, clientId: 'away' })
  assert.equal((await back.expect('publish')).topic, 'lamp')
})

test('[MQTT-4.3.3-10] of what was not decided nothing is known: it is taken when it comes again', async () => {
  const hearer = await RawClient.connect(second.port)
  await hearer.subscribe({ topic: 'slow', qos: 0 })
  const back = await RawClient.connect(second.port, 5, { ...KEPT, clientId: 'undecided' })
  back.publish({ topic: 'home/slow', payload: 'slow', qos: 2, messageId: 7, dup: true })
  await back.expect('pubrec')
  assert.equal((await hearer.expect('publish')).topic, 'slow')
})
