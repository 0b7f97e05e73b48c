import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { PublishQuestion } from '../../../src/hooks/publish-question.ts'
import { standingOf } from '../../../src/hooks/standing.ts'
import { keepSubscription } from '../../../src/protocol/keep-subscription.ts'
import { parsed } from '../../support/topics.ts'
import { Outgoing } from '../../../src/session/outgoing.ts'
import { PendingWill } from '../../../src/session/will.ts'
import { renewClient } from '../../../src/protocol/renew-client.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { OnlinePeer } from '../../support/online-peer.ts'

const VIA = { subscriptionIds: null, filter: 't', as: null }

test('the same principal, with what is said of it now: on its connection, in its session, of its will', async () => {
  const online = await OnlinePeer.open()
  const { peer, session, client: before } = online
  session.will = new PendingWill(received({ topic: 'gone', qos: 1 }), before, 5, undefined)
  const settings = { publishPerSec: 5, queueMax: 0 }
  renewClient(peer, before, { verdict: 'allow', roles: ['new'], session: settings }, [])
  const { client } = online
  assert.notEqual(client, before)
  assert.deepEqual([client.principal, client.connectedAt], [before.principal, before.connectedAt])
  assert.deepEqual(client.roles, ['new'])
  assert.equal(session.client, client)
  assert.deepEqual([session.will.client, session.will.message.publisher], [client, client])
  assert.notEqual(peer.rates, null)
  assert.equal(online.released, 1)
  assert.equal(
    session.outbound.enqueue(new Outgoing(received({ topic: 't', qos: 1 }), 1, false, VIA, 'due')),
    false,
  )
})

test('what it need not be told is set anew: QoS, of what it is subscribed to as well, and how long its session lasts', async () => {
  const { peer, session, client, staged } = await OnlinePeer.open()
  const request = {
    filter: 'a',
    qos: 2,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 2,
  } as const
  keepSubscription(staged.node, staged.tenant, session, {
    request: { ...request, subscriptionId: 0 },
    parsed: parsed('a'),
    verdict: { verdict: 'allow' },
  })
  peer.beginning = { present: false, cleanStart: true, keepAliveSec: 0, expirySec: 60 }
  const told = { ...peer.offer, receiveMaximum: 7, maximumQos: 2 } as const
  peer.offer = told
  for (const [asked, expirySec] of [
    [{ maxQos: 1, sessionExpirySec: 30, receiveMaximum: 3 }, 30],
    [{ maxQos: 2, sessionExpirySec: 90 }, 60],
  ] as const) {
    renewClient(peer, client, { verdict: 'allow', session: asked }, [])
    assert.deepEqual([session.maximumQos, session.expirySec], [asked.maxQos, expirySec])
    assert.equal(staged.tenant.subscriptions.match('a').matches[0]?.qos, 1)
    assert.deepEqual([peer.offer.receiveMaximum, peer.offer.maximumQos], [7, 2], 'as CONNACK said')
  }
})

test('what waits for it is asked about once more, as who it is now', async () => {
  const reader = new FakePlugin('reader', ['authorizeReceive'])
  const online = await OnlinePeer.open(reader)
  const { session, peer, client: before } = online
  session.outbound.enqueue(new Outgoing(received({ topic: 't', qos: 1 }), 1, false, VIA, 'allowed'))
  renewClient(peer, before, { verdict: 'allow' }, [])
  assert.equal(reader.asked.length, 1)
  reader.question(0).answer({ verdict: 'deny' })
  assert.deepEqual(online.written(), [])
  assert.equal(session.outbound.waiting.length, 0)
})

test('its grants are those of now; what a plugin has taken back does not return with another’s renewal', async () => {
  const [one, two] = ['one', 'two'].map((name) => new FakePlugin(name, ['authorizePublish']))
  assert.ok(one !== undefined && two !== undefined)
  const online = await OnlinePeer.open(one, two)
  const { peer, staged } = online
  const grants = [{ effect: 'allow', actions: ['publish'], filter: '#' }] as const
  const allow = { verdict: 'allow', grants } as const
  const given = [one, two].map(({ name }) => ({ plugin: name, allow, at: 0 }))
  renewClient(peer, online.client, allow, given)
  const asks = (): number => {
    const before = one.asked.length + two.asked.length
    staged.tenant.hooks.askPublish(new Asked(online.client, received({ topic: 't' })))
    return one.asked.length + two.asked.length - before
  }
  assert.equal(asks(), 0)
  standingOf(online.client).takeBack('one', null)
  assert.equal(asks(), 1)
  const again = [
    { plugin: 'one', allow, at: 0, stands: true },
    { plugin: 'two', allow, at: 1 },
  ]
  renewClient(peer, online.client, allow, again)
  assert.equal(asks(), 1)
  renewClient(peer, online.client, allow, given)
  assert.equal(asks(), 0)
})

test('what it is subscribed to is asked about again, and taken away where it is refused', async () => {
  const gate = new FakePlugin('gate', ['authorizeSubscribe'])
  const online = await OnlinePeer.open(gate)
  const { peer, session, client: before, staged } = online
  keepSubscription(staged.node, staged.tenant, session, {
    request: {
      filter: 'a/#',
      qos: 0,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
      subscriptionId: 0,
    },
    parsed: parsed('a/#'),
    verdict: { verdict: 'allow' },
  })
  renewClient(peer, before, { verdict: 'allow' }, [])
  gate.question(0).answer({ verdict: 'deny' })
  await setImmediate()
  assert.equal(session.subscriptions.size, 0)
})

class Asked extends PublishQuestion {
  protected override decided(): void {
    // who was asked is what matters here
  }
}
