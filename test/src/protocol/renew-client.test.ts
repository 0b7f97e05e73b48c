import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Outgoing } from '../../../src/session/outbound.ts'
import { PendingWill } from '../../../src/session/will.ts'
import { renewClient } from '../../../src/protocol/renew-client.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { OnlinePeer } from '../../support/online-peer.ts'

test('the same principal, with what is said of it now: on its connection, in its session, of its will', async () => {
  const online = await OnlinePeer.open()
  const { peer, session, client: before } = online
  session.will = new PendingWill(received({ topic: 'gone', qos: 1 }), before, 5, undefined)
  const settings = { publishPerSec: 5, queueMax: 0 }
  renewClient(peer, before, { verdict: 'allow', roles: ['new'], session: settings })
  const { client } = online
  assert.notEqual(client, before)
  assert.deepEqual([client.principal, client.connectedAt], [before.principal, before.connectedAt])
  assert.deepEqual(client.roles, ['new'])
  assert.equal(session.client, client)
  assert.deepEqual([session.will.client, session.will.message.publisher], [client, client])
  assert.notEqual(peer.rates, null)
  assert.equal(online.released, 1)
  assert.equal(
    session.outbound.enqueue(new Outgoing(received({ topic: 't', qos: 1 }), 1, false, null, 't', 'due')),
    false,
  )
})

test('what waits for it is asked about once more, as who it is now', async () => {
  const reader = new FakePlugin('reader', ['authorizeReceive'])
  const online = await OnlinePeer.open(reader)
  const { session, peer, client: before } = online
  session.outbound.enqueue(new Outgoing(received({ topic: 't', qos: 1 }), 1, false, null, 't', 'allowed'))
  renewClient(peer, before, { verdict: 'allow' })
  assert.equal(reader.asked.length, 1)
  reader.question(0).answer({ verdict: 'deny' })
  assert.deepEqual(online.written(), [])
  assert.equal(session.outbound.waiting.length, 0)
})
