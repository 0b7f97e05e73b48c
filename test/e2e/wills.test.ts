import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

const WARDEN = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const AT_CONNECT = {
  denied: () => deny('notAuthorized', 'no such will'),
  stripped: () => ({ verdict: 'strip' }),
  replaced: () => ({ verdict: 'set', will: { topic: 'out/new', payload: 'rewritten', qos: 0 } }),
  illegal: () => ({ verdict: 'set', will: { topic: 'forbidden/x' } }),
  early: () => ({ verdict: 'defer', delaySec: 1 }),
}
const WHEN_DUE = {
  suppressed: () => ({ verdict: 'suppress' }),
  refused: () => deny(),
  changed: () => ({ verdict: 'set', will: { payload: 'at the end' } }),
  later: () => ({ verdict: 'defer', delaySec: 1 }),
  longer: () => ({ verdict: 'defer', delaySec: 3600 }),
}
export default definePlugin({
  authorizeWill: ({ when, will }) => {
    const name = will.topic.split('/')[1]
    const rule = (when === 'connect' ? AT_CONNECT : WHEN_DUE)[name]
    return rule?.() ?? allow()
  },
  authorizePublish: (event) =>
    event.topic.startsWith('out/') ? allow() : deny(),
})
`
const folder = tempFolder({ 'warden/plugin.ts': WARDEN })
const { port } = await startBroker({ anonymous: true, plugins: { [path.join(folder, 'warden')]: null } })

function willOf(topic: string, payload = 'gone') {
  return { topic, payload: Buffer.from(payload), qos: 1 as const, retain: false }
}

async function listener(topic = '#'): Promise<RawClient> {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic, qos: 1 })
  return client
}

/** Connects with this will, and dies. */
async function die(topic: string, properties: object = {}): Promise<void> {
  const client = await RawClient.connect(port, 5, { will: willOf(topic), ...properties })
  client.socket.destroy()
}

describe('authorizeWill at connect', () => {
  test('a denied will is a refused CONNECT, and who is refused takes nothing over', async () => {
    const clientId = 'owner'
    const owner = await RawClient.connect(port, 5, { clientId })
    const intruder = await RawClient.open(port)
    const connack = await intruder.connack({ clientId, will: willOf('out/denied') })
    assert.deepEqual([connack.reasonCode, connack.properties?.reasonString], [0x87, 'no such will'])
    await owner.silence()
    const older = await RawClient.open(port, 4)
    assert.equal((await older.connack({ will: willOf('out/denied') })).returnCode, 5)
  })

  test('a will is taken away, or another is put in its place', async () => {
    const heard = await listener('out/#')
    await die('out/stripped')
    await die('out/replaced')
    const { topic, payload, qos } = await heard.expect('publish')
    assert.deepEqual([topic, String(payload), qos], ['out/new', 'rewritten', 0])
    await heard.silence()
  })

  test('the will that it set is authorised when it is due, like any publish', async () => {
    const heard = await listener()
    await die('out/illegal')
    await die('out/plain')
    assert.equal((await heard.expect('publish')).topic, 'out/plain')
    await heard.silence()
  })

  test('a will cannot be put off before it is due: such an answer is none, and denies', async () => {
    const client = await RawClient.open(port)
    assert.equal((await client.connack({ will: willOf('out/early') })).reasonCode, 0x87)
  })

  test('what comes behind CONNECT waits for the answer', async () => {
    const client = await RawClient.open(port)
    client.send(
      {
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 5,
        clean: true,
        clientId: 'eager',
        keepalive: 0,
        will: willOf('aside/x'),
      },
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'out/eager', qos: 0 }] },
      { cmd: 'publish', topic: 'out/eager', payload: 'x', qos: 0, dup: false, retain: false },
    )
    await client.expect('connack')
    await client.expect('suback')
    assert.equal((await client.expect('publish')).topic, 'out/eager')
  })
})

describe('authorizeWill when it is due', () => {
  test('it is kept back, refused or changed', async () => {
    const heard = await listener('out/#')
    await die('out/suppressed')
    await die('out/refused')
    await die('out/changed')
    const { topic, payload } = await heard.expect('publish')
    assert.deepEqual([topic, String(payload)], ['out/changed', 'at the end'])
    await heard.silence()
  })

  test('it is put off once, and then published', async () => {
    const heard = await listener('out/later')
    const start = performance.now()
    await die('out/later', { clean: false, properties: { sessionExpiryInterval: 3600 } })
    await heard.expect('publish')
    assert.ok(performance.now() - start >= 900)
    await heard.silence()
  })

  test('[MQTT-3.1.3-9] a will that is put off goes out when its session ends, and not when its client returns', async () => {
    const heard = await listener('out/longer')
    const kept = { clientId: 'keeper', clean: false, properties: { sessionExpiryInterval: 3600 } }
    await die('out/longer', kept)
    const back = await RawClient.connect(port, 5, kept)
    await heard.silence()
    back.send({ cmd: 'disconnect', reasonCode: 0 })
    await back.end()
    await die('out/longer', kept)
    await RawClient.connect(port, 5, { clientId: 'keeper', clean: true })
    await heard.expect('publish')
    await heard.silence()
  })

  test('where no session waits for its client, it is not put off', async () => {
    const heard = await listener('out/longer')
    await die('out/longer')
    await heard.expect('publish')
  })
})
