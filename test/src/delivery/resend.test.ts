import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drain, redeliver } from '../../../src/delivery/drain.ts'
import { FanOut } from '../../../src/delivery/fan-out.ts'
import { send } from '../../../src/delivery/send.ts'
import type { Session } from '../../../src/session/session.ts'
import { FakePlugin, hooksOf, type Reply } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { TestLink, TestRealm, testClient, testSession } from '../../support/sessions.ts'

/** A session to which these were sent, over a connection that is gone. */
function interrupted(realm: TestRealm, qos: 1 | 2, as: string | null, ...payloads: string[]): Session {
  const session = testSession('ann', new TestLink())
  const via = { subscriptionIds: null, filter: '#', as }
  for (const payload of payloads) {
    send(realm, session, via, qos, false, new FanOut(received({ topic: 't', payload, qos })))
  }
  session.link = null
  return session
}

function reconnect(realm: TestRealm, session: Session): TestLink {
  const link = new TestLink()
  session.link = link
  session.client = testClient(session.clientId)
  redeliver(realm, session, link)
  return link
}

function released(link: TestLink): unknown {
  return link.packets().map(({ cmd, messageId }) => [cmd, messageId])
}

function guarded(): { readonly plugin: FakePlugin; readonly realm: TestRealm } {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  return { plugin, realm: new TestRealm(hooksOf([plugin])) }
}

test('what was in flight is asked about before it is sent again, as it was published; what comes later waits', () => {
  const { plugin, realm } = guarded()
  const session = interrupted(realm, 1, 'lamp', '1', '2')
  const link = reconnect(realm, session)
  send(
    realm,
    session,
    { subscriptionIds: null, filter: '#', as: null },
    1,
    false,
    new FanOut(received({ topic: 't', payload: '3', qos: 1 })),
  )
  assert.equal((plugin.question(0).event['message'] as { topic: string }).topic, 't')
  plugin.question(1).answer({ verdict: 'allow' })
  assert.deepEqual(link.packets(), [])
  plugin.question(0).answer({ verdict: 'allow' })
  assert.deepEqual(
    link.publishes().map(({ topic, dup, payload }) => [topic, dup, String(payload)]),
    [
      ['lamp', true, '1'],
      ['lamp', true, '2'],
      ['t', false, '3'],
    ],
  )
})

test('QoS 1 that may not be sent again is over, and its identifier is free', () => {
  const { plugin, realm } = guarded()
  plugin.reply = { verdict: 'deny' }
  const session = interrupted(realm, 1, null, '1', '2')
  assert.deepEqual(reconnect(realm, session).packets(), [])
  assert.equal(session.outbound.hasSent, false)
  assert.deepEqual(
    realm.drops.map(({ reason }) => reason),
    ['denied', 'denied'],
  )
  assert.deepEqual(realm.refusedBy, [['guard'], ['guard']])
})

test('QoS 2 that may not be sent again is released, so that no later message passes for a repetition', () => {
  const { plugin, realm } = guarded()
  plugin.reply = { verdict: 'deny' }
  const session = interrupted(realm, 2, null, '1')
  assert.deepEqual(released(reconnect(realm, session)), [['pubrel', 1]])
  assert.equal(session.outbound.inflight.get(1)?.released, true, 'until PUBCOMP')
  assert.deepEqual(released(reconnect(realm, session)), [['pubrel', 1]])
})

test('what plugins would change otherwise by now is not sent again as it was', () => {
  for (const [patch, isSent] of [
    [{ payload: Buffer.from('***') }, false],
    [{ topic: 'u' }, false],
    [{ properties: { contentType: 'x' } }, false],
    [{ qos: 0 as const }, true],
  ] as const) {
    const { plugin, realm } = guarded()
    const groups = [{ targets: [0], patch }]
    plugin.reply = { verdict: 'recipients', default: 'allow', except: [], groups } as Reply
    const link = reconnect(realm, interrupted(realm, 1, null, '1'))
    assert.equal(link.publishes().length, isSent ? 1 : 0)
  }
})

test('who has become somebody else while plugins were asked is asked about anew; an old answer is nobody’s', () => {
  const { plugin, realm } = guarded()
  const session = interrupted(realm, 1, null, '1')
  reconnect(realm, session)
  const link = reconnect(realm, session)
  plugin.question(0).answer({ verdict: 'allow' })
  session.client = testClient('ann', { roles: ['new'] })
  plugin.question(1).answer({ verdict: 'allow' })
  assert.deepEqual(link.packets(), [])
  plugin.question(2).answer({ verdict: 'allow' })
  assert.deepEqual(link.payloads(), ['1'])
})

test('what its session has lost the subscription to is not sent again, though nobody decides who receives', () => {
  const realm = new TestRealm()
  const session = interrupted(realm, 1, null, '1', '2')
  session.outbound.forbid(
    ({ published }) => published.payloadEnd > 0 && session.outbound.inflight.get(1)?.published === published,
  )
  const link = reconnect(realm, session)
  assert.deepEqual(link.payloads(), ['2'])
  drain(realm, session)
  assert.deepEqual(link.packets(), [])
})
