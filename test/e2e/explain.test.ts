import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'
import { createBroker, type Explanation } from '../../src/index.ts'
import { FREE_LISTENERS } from '../support/broker.ts'
import { GATE } from '../support/gate-plugin.ts'
import { connectClient } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { bulkhead } from '../src/cli/bulkhead.ts'

/** Counts what it is asked, by publishing: an explanation must not be heard of. */
const COUNTING = `
import { abstain, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { publish: { topics: ['count'] } },
  authorizePublish: (event, ctx) => {
    ctx.publish({ topic: 'count', payload: event.topic })
    return abstain('only counting')
  },
})
`

const folder = tempFolder({ 'gate/plugin.ts': GATE, 'counting/plugin.ts': COUNTING })
const socket = path.join(folder, 'control.sock')
const broker = await createBroker(
  {
    listeners: FREE_LISTENERS,
    controlSocket: socket,
    sandbox: { limits: { softMs: 500, wallMs: 2000 } },
    plugins: {
      [path.join(folder, 'gate')]: { users: ['alice'] },
      [path.join(folder, 'counting')]: {},
    },
  },
  { log: 'silent', env: {} },
)
after(() => broker.stop())
await broker.start()
const url = broker.listeners[0]?.url ?? ''
const alice = await connectClient(url, { username: 'alice', clientId: 'lamp', protocolVersion: 5 })

const ASKED = { tenant: 'default', client: 'lamp', action: 'publish', qos: 1, retain: false } as const

test('it says which plugin, at which version, answered what, how long it took, and what the client is told', async () => {
  const refused = await broker.explain({ ...ASKED, topic: 'home/bob/lamp' })
  assert.deepEqual(
    refused?.now?.voices.map(({ plugin, version, hook, source, outcome, verdict }) => {
      return [plugin, version, hook, source, outcome, verdict.verdict]
    }),
    [
      ['gate', '0.0.0-dev', 'authorizePublish', 'crossing', 'ok', 'deny'],
      ['counting', '0.0.0-dev', 'authorizePublish', 'crossing', 'ok', 'abstain'],
    ],
  )
  assert.ok(refused.now?.voices.every(({ micros }) => micros > 0))
  assert.deepEqual(
    [refused.now?.allowed, refused.now?.reasonCode, refused.now?.reason, refused.now?.told],
    [false, 0x87, 'not your topic', 'PUBACK 0x87'],
  )
  const allowed = await broker.explain({ ...ASKED, topic: 'home/alice/lamp' })
  assert.deepEqual([allowed?.now?.allowed, allowed?.now?.told], [true, 'success'])
})

test('what a plugin publishes while it is asked to be explained does not happen', async () => {
  const heard: string[] = []
  alice.on('message', (_topic, payload) => heard.push(payload.toString()))
  await alice.subscribeAsync('count')
  await broker.explain({ ...ASKED, topic: 'home/alice/trial' })
  await alice.publishAsync('home/alice/real', '', { qos: 1 })
  await alice.unsubscribeAsync('count')
  assert.ok(!heard.includes('home/alice/trial'), String(heard))
})

test('a refusal is kept under its id, with who said what', async () => {
  await assert.rejects(alice.publishAsync('home/bob/door', 'open', { qos: 1 }))
  const { refusals = [] } = (await broker.explain({ ...ASKED, topic: 'x' })) ?? {}
  const [kept] = refusals
  assert.equal(kept?.topic, 'home/bob/door')
  assert.deepEqual(
    broker.decision(kept.id)?.voices.map(({ plugin, verdict }) => [plugin, verdict.verdict]),
    [
      ['gate', 'deny'],
      ['counting', 'abstain'],
    ],
  )
})

test('who never got in is known by its refusals', async () => {
  await assert.rejects(connectClient(url, { username: 'mallory', clientId: 'm1', protocolVersion: 5 }))
  const known = await broker.explain({ ...ASKED, client: 'm1', topic: 'a' })
  assert.equal(known?.now, null)
  assert.deepEqual(
    known.refusals.map(({ action, told }) => [action, told]),
    [['connect', 'CONNACK 0x86']],
  )
  assert.equal(await broker.explain({ ...ASKED, client: 'nobody', topic: 'a' }), undefined)
})

test('where no plugin decides, it says so', async () => {
  const { now } = (await broker.explain({ ...ASKED, action: 'subscribe', topic: 'any/#' })) as Explanation
  assert.deepEqual([now?.allowed, now?.voices], [true, []])
})

test('a topic that is none is a mistake of who asks', async () => {
  await assert.rejects(broker.explain({ ...ASKED, topic: 'a/#' }), { code: 'ERR_USAGE' })
})

test('`bulkhead explain` asks the running broker over its socket', async () => {
  const words = ['explain', '--socket', socket, '--client', 'lamp', '--action', 'publish', '--qos', '1']
  const refused = await bulkhead([...words, '--topic', 'home/bob/lamp'])
  assert.equal(refused.code, 1, refused.stderr)
  assert.match(
    refused.stdout,
    /gate@0\.0\.0-dev +authorizePublish {2}deny {2}0x87 {2}"not your topic" {2}in \d+ µs/,
  )
  assert.match(refused.stdout, /refused 0x87: not your topic; the client is told: PUBACK 0x87/)
  const id = /^ {2}(\S+) {2}\d{4}-.*home\/bob\/door/m.exec(refused.stdout)?.[1]
  assert.ok(id !== undefined, refused.stdout)
  const [allowed, found, gone, nowhere] = await Promise.all([
    bulkhead([...words, '--topic', 'home/alice/lamp', '--json']),
    bulkhead(['explain', id, '--socket', socket]),
    bulkhead(['explain', 'zz-1', '--socket', socket]),
    bulkhead(['explain', 'zz-1', '--socket', path.join(folder, 'none.sock')]),
  ])
  assert.equal(allowed.code, 0)
  assert.equal((JSON.parse(allowed.stdout) as Explanation).now?.allowed, true)
  assert.match(found.stdout, /publish home\/bob\/door by client lamp/)
  assert.match(gone.stderr, /ERR_CONTROL.*zz-1 is not, or no longer, kept/)
  assert.match(nowhere.stderr, /ERR_CONTROL.*no broker of this user answers/)
})
