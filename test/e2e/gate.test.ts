import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { GATE } from '../support/gate-plugin.ts'
import { NO_MOSQUITTO, run, subscribe } from '../support/mosquitto.ts'
import { connectClient, Inbox } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder({ 'gate/plugin.ts': GATE })
const { port, url, webUrl } = await startBroker({
  plugins: { [path.join(folder, 'gate')]: { users: ['alice', 'bob'] } },
})

test('alice publishes below her own name, and bob hears it', { skip: NO_MOSQUITTO }, async () => {
  const bob = await subscribe(port, ['-u', 'bob', '-t', 'home/#', '-v', '-q', '1'])
  const sent = await run('mosquitto_pub', port, [
    '-u',
    'alice',
    '-t',
    'home/alice/lamp',
    '-m',
    'on',
    '-q',
    '1',
  ])
  assert.equal(sent.code, 0, sent.stderr)
  assert.deepEqual((await bob.lines(1)).slice(0, 1), ['home/alice/lamp on'])
})

test('mallory is refused with the plugin’s code and words', { skip: NO_MOSQUITTO }, async () => {
  const v5 = await run('mosquitto_pub', port, [
    '-u',
    'mallory',
    '-t',
    'home/alice/lamp',
    '-m',
    'on',
    '-V',
    'mqttv5',
  ])
  assert.notEqual(v5.code, 0)
  assert.match(v5.stderr, /Bad User Name or Password|not authori[sz]ed/i)
  const v311 = await run('mosquitto_pub', port, ['-u', 'mallory', '-t', 'home/alice/lamp', '-m', 'on'])
  assert.equal(v311.code, 4, 'CONNACK 4: bad user name or password')
})

test('a refused PUBLISH of MQTT 5 is answered with the code and the reason, and goes nowhere', async () => {
  const bob = await connectClient(url, { username: 'bob', protocolVersion: 5 })
  const inbox = new Inbox(bob)
  await bob.subscribeAsync('home/#', { qos: 1 })
  const alice = await connectClient(webUrl, { username: 'alice', protocolVersion: 5 })
  await assert.rejects(
    alice.publishAsync('home/bob/lamp', 'off', { qos: 1 }),
    (error: Error & { code?: number }) => {
      assert.equal(error.code, 0x87)
      return true
    },
  )
  await assert.rejects(alice.publishAsync('home/bob/lamp', 'off', { qos: 2 }))
  await alice.publishAsync('home/bob/lamp', 'off', { qos: 0 })
  await alice.publishAsync('home/alice/lamp', 'on', { qos: 1 })
  assert.deepEqual(
    (await inbox.take(1)).map(({ topic }) => topic),
    ['home/alice/lamp'],
  )
})

test('a refused PUBLISH of MQTT 3.1.1 is acknowledged and dropped', async () => {
  const alice = await connectClient(url, { username: 'alice', protocolVersion: 4 })
  const inbox = new Inbox(alice)
  await alice.subscribeAsync('home/#', { qos: 1 })
  await alice.publishAsync('home/bob/lamp', 'off', { qos: 1 })
  await alice.publishAsync('home/bob/lamp', 'off', { qos: 2 })
  await alice.publishAsync('home/alice/lamp', 'on', { qos: 1 })
  assert.deepEqual(
    (await inbox.take(1)).map(({ topic }) => topic),
    ['home/alice/lamp'],
  )
})

test('all that one connection sends keeps its order, decided or not', async () => {
  const alice = await connectClient(url, { username: 'alice', protocolVersion: 4 })
  const inbox = new Inbox(alice)
  await alice.subscribeAsync('home/alice/#', { qos: 2 })
  const sent = Array.from({ length: 300 }, (_, i) => `${i}`)
  for (const payload of sent) alice.publish('home/alice/n', payload, { qos: 0 })
  assert.deepEqual(
    (await inbox.take(300)).map(({ payload }) => payload),
    sent,
  )
})

test('a client that says all and leaves is heard to its end: no will after its DISCONNECT', async () => {
  const bob = await connectClient(url, { username: 'bob' })
  const inbox = new Inbox(bob)
  await bob.subscribeAsync('home/#', { qos: 1 })
  for (let i = 0; i < 20; i++) {
    const alice = await connectClient(url, {
      username: 'alice',
      will: { topic: 'home/alice/will', payload: Buffer.from('dead'), qos: 1, retain: false },
    })
    alice.publish('home/alice/bye', `${i}`, { qos: 0 })
    await alice.endAsync()
  }
  assert.deepEqual(
    (await inbox.take(20)).map(({ payload }) => payload),
    Array.from({ length: 20 }, (_, i) => `${i}`),
  )
})
