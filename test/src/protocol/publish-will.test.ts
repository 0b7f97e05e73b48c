import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createMessage } from '../../../src/codec/message.ts'
import { endSession } from '../../../src/protocol/leave.ts'
import { forgetPendingWill, publishWill } from '../../../src/protocol/publish-will.ts'
import { PendingWill } from '../../../src/session/will.ts'
import { startBroker } from '../../support/broker.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { RawClient } from '../../support/raw-client.ts'
import { testClient } from '../../support/sessions.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { defer as deferTurns } from '../../support/turns.ts'

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

/** A will that is due while its session waits for the client, and the plugin that is asked about it. */
async function due() {
  const warden = new FakePlugin('warden', ['authorizeWill', 'onBrokerMessageDropped'])
  const realm = await StagedRealm.open({ plugins: [warden] })
  const session = realm.session('ann', null)
  session.expirySec = 60
  const message = createMessage({ topic: 'gone', payload: Buffer.from('x'), qos: 0, retain: false })
  const will = new PendingWill(message, session.client, 0, undefined)
  let ended = 0
  publishWill(realm.node, realm.tenant, will, session, () => (ended += 1))
  const defer = (place: number): void => warden.question(place).answer({ verdict: 'defer', delaySec: 1 })
  return { warden, realm, session, will, defer, gone: () => ended }
}

test('a will that is put off waits with its session; the second time it cannot be put off', async () => {
  const { warden, realm, session, will, defer } = await due()
  defer(0)
  assert.deepEqual([session.pendingWill, realm.routed.length], [will, 0])
  will.expired()
  assert.equal(session.pendingWill, null)
  defer(1)
  assert.deepEqual([realm.routed.length, warden.asked.length], [1, 2])
})

test('[MQTT-3.1.3-9] nor does one go out whose client is back between its time and its turn', async () => {
  for (const isBack of [true, false]) {
    const { warden, realm, session, will, defer } = await due()
    defer(0)
    deferTurns(realm.tenant.turns, realm.tenant.name)
    will.expired()
    if (isBack) forgetPendingWill(realm.node, session)
    await nextTurn()
    assert.equal(warden.asked.length, isBack ? 1 : 2)
  }
})

test('if the session ends before the answer, plugins are asked once more, and it is not put off', async () => {
  const { warden, realm, defer } = await due()
  realm.tenant.sessions.delete('ann')
  defer(0)
  assert.equal(warden.asked.length, 2)
  warden.question(1).answer({ verdict: 'set', will: { topic: 'redacted' } })
  assert.deepEqual(
    realm.routed.map(({ topic }) => topic),
    ['redacted'],
  )
})

test('[MQTT-3.1.3-9] if the client is back before the answer, a will that is put off is dropped', async () => {
  const { warden, realm, session, defer } = await due()
  session.client = testClient('ann')
  defer(0)
  assert.deepEqual([realm.routed.length, session.pendingWill], [0, null])
  const event = warden.told[0]?.event as { reason?: string } | undefined
  assert.equal(event?.reason, 'suppressed')
})

test('a will is over when it is out, refused or kept back, and not before: so long it is written down', async () => {
  const answers = [{ verdict: 'allow' }, { verdict: 'deny' }, { verdict: 'suppress' }] as const
  for (const answer of answers) {
    const { warden, gone } = await due()
    assert.equal(gone(), 0)
    warden.question(0).answer(answer)
    assert.equal(gone(), 1, answer.verdict)
  }
})

test('the will of a session that has ended is written down until it is out, and the session is nobody’s', async () => {
  for (const isBack of [false, true]) {
    const warden = new FakePlugin('warden', ['authorizeWill'])
    const realm = await StagedRealm.open({ plugins: [warden] })
    const { sessions } = realm.node.engine
    const open = (): unknown => {
      let found: unknown
      sessions.open('acme', 'ann', false, { opened: (_epoch, stored) => (found = stored) })
      return found
    }
    open()
    const session = realm.session('ann', null)
    sessions.save('acme', 'ann', session.epoch, session, Number.POSITIVE_INFINITY)
    const message = createMessage({ topic: 'gone', payload: Buffer.from('x'), qos: 0, retain: false })
    endSession(realm.node, realm.tenant, session, new PendingWill(message, session.client, 0, undefined))
    assert.deepEqual([sessions.count('acme'), realm.tenant.sessions.size], [1, 0])
    if (isBack) assert.equal(open(), null)
    warden.question(0).answer({ verdict: 'allow' })
    assert.deepEqual([sessions.count('acme'), realm.routed.length], [isBack ? 1 : 0, 1])
  }
})
