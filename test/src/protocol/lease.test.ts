import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Given } from '../../../src/hooks/authentication.ts'
import type { Allow } from '../../../src/hooks/verdict.ts'
import { leaseOf } from '../../../src/protocol/lease.ts'
import type { RenewalSink } from '../../../src/protocol/reauthentication.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { eventOf, OnlinePeer, plainEvent } from '../../support/online-peer.ts'
import { defer } from '../../support/turns.ts'

const AUTH = { userProperties: [], authenticationMethod: 'M' }

/** A peer that two plugins have let in, of which the first is asked again if it likes. */
async function leased(first: Partial<Allow>, second: Partial<Allow> = {}): Promise<Leased> {
  const plugins = [new FakePlugin('one', ['authenticate']), new FakePlugin('two', ['authenticate'])] as const
  const online = await OnlinePeer.open(...plugins)
  const at = performance.now()
  const given: Given[] = [
    { plugin: 'one', allow: { verdict: 'allow', ...first }, at },
    { plugin: 'two', allow: { verdict: 'allow', ...second }, at },
  ]
  const allowed: Allow = { verdict: 'allow', ...second, ...first }
  const { peer, staged } = online
  peer.lease = leaseOf(peer, staged.tenant, eventOf(), allowed, given)
  return { online, one: plugins[0], two: plugins[1] }
}

interface Leased {
  readonly online: OnlinePeer
  readonly one: FakePlugin
  readonly two: FakePlugin
}

test('who may stay for ever, and has named no method, needs none', async () => {
  const { peer, staged } = await OnlinePeer.open()
  assert.equal(leaseOf(peer, staged.tenant, plainEvent(), { verdict: 'allow' }, []), null)
  assert.notEqual(leaseOf(peer, staged.tenant, eventOf(), { verdict: 'allow' }, []), null)
})

test('[MQTT-4.12.0-7] without a method in CONNECT there is no AUTH, whatever else is agreed on', async () => {
  const online = await OnlinePeer.open()
  const { peer, staged } = online
  leaseOf(peer, staged.tenant, plainEvent(), { verdict: 'allow', expiresInMs: 9000 }, [])?.reauthenticate({
    ...AUTH,
    reasonCode: 0x19,
  })
  assert.deepEqual(online.written(), [['disconnect', 0x82]])
})

test('what has expired ends in 0xA0: the time that was granted is over', async () => {
  const { online } = await leased({ expiresInMs: 5000 })
  online.wait(4000)
  assert.deepEqual(online.written(), [])
  online.wait(2000)
  assert.deepEqual(online.written(), [['disconnect', 0xa0]])
})

test('a refresh asks who has asked for it, and what it says stands beside what the others have said', async () => {
  const { online, one, two } = await leased({ refreshInMs: 2000 }, { roles: ['kept'], expiresInMs: 60_000 })
  online.wait(3000)
  assert.deepEqual([one.asked.length, two.asked.length], [1, 0])
  assert.equal(one.question(0).event['cause'], 'refresh')
  one.question(0).answer({ verdict: 'allow', roles: ['new'] })
  assert.deepEqual(online.client.roles, ['kept', 'new'])
  // what the others allowed for a time does not last longer for it
  online.wait(61_000)
  assert.deepEqual(online.written(), [['disconnect', 0xa0]])
})

test('however often a plugin wants it, it is asked once a second', async () => {
  const { online, one } = await leased({ refreshInMs: 0 })
  for (let turn = 0; turn < 3; turn += 1) {
    online.wait(1000)
    one.asked.at(-1)?.answer({ verdict: 'allow', refreshInMs: 0 })
  }
  assert.equal(one.asked.length, 3)
})

test('an answer that the client has overtaken by authenticating anew changes nothing', async () => {
  const { online, one } = await leased({ refreshInMs: 1000 })
  online.wait(2000)
  online.peer.lease?.reauthenticate({ ...AUTH, reasonCode: 0x19 })
  one.question(0).answer({ verdict: 'deny' })
  assert.deepEqual(online.written(), [])
  // nor is it refreshed while it is at it
  online.wait(5000)
  assert.equal(one.asked.length, 2)
})

test('an answer that comes when the client is gone changes nothing', async () => {
  const { online, one } = await leased({ refreshInMs: 1000, expiresInMs: 9000 })
  online.wait(2000)
  online.peer.leave('network', 0x80)
  const { client } = online
  one.question(0).answer({ verdict: 'allow', roles: ['late'] })
  online.wait(20_000)
  assert.equal(online.client, client)
  assert.equal(online.staged.node.timers.size, 0)
})

test('a refresh that fails is tried again while the answer is good; a refusal is none', async () => {
  const { online, one } = await leased({ refreshInMs: 1000, expiresInMs: 60_000 })
  online.wait(2000)
  one.question(0).answer('timeout')
  assert.deepEqual(online.written(), [])
  online.wait(6000)
  one.question(1).answer({ verdict: 'deny', code: 0x87 })
  assert.deepEqual(online.written(), [['disconnect', 0x87]])
})

test('a refresh that fails where nothing else would end it is a refusal: security fails closed', async () => {
  const { online, one } = await leased({ refreshInMs: 1000 })
  online.wait(2000)
  one.question(0).answer('crash')
  assert.deepEqual(online.written(), [['disconnect', 0x87]])
})

test('what falls due in one tick is renewed rather than ended: its plugins are asked, and their answer decides', async () => {
  for (const [answer, ends] of [
    [{ verdict: 'allow', expiresInMs: 60_000 }, []],
    [{ verdict: 'deny', code: 0x87 }, [['disconnect', 0x87]]],
    ['timeout', [['disconnect', 0x87]]],
  ] as const) {
    const { online, one } = await leased({ refreshInMs: 100, expiresInMs: 1000 })
    online.wait(2000)
    assert.deepEqual([one.asked.length, online.written()], [1, []])
    one.question(0).answer(answer)
    assert.deepEqual(online.written(), ends)
  }
})

test('who is overdue cannot begin anew by itself', async () => {
  const { online } = await leased({ refreshInMs: 100, expiresInMs: 1000 })
  online.wait(2000)
  online.peer.lease?.reauthenticate({ ...AUTH, reasonCode: 0x19 })
  assert.deepEqual(online.written(), [['disconnect', 0xa0]])
})

test('who is gone, or was renewed, between its time and its turn is neither asked about nor ended', async () => {
  for (const change of ['leaves', 'is renewed', 'stays'] as const) {
    const { online, one } = await leased({ refreshInMs: 1000 })
    const expiring = await leased({ expiresInMs: 1000 })
    for (const { peer, staged } of [online, expiring.online]) {
      const { name, turns } = staged.tenant
      defer(turns, name)
      staged.node.nowMs += 2000
      staged.node.timers.turn()
      if (change === 'leaves') peer.leave('network', 0x80)
      // as a re-authentication does
      if (change === 'is renewed') (peer.lease as unknown as RenewalSink).renewed({ verdict: 'allow' }, [])
    }
    await nextTurn()
    assert.equal(one.asked.length, change === 'stays' ? 1 : 0, change)
    assert.deepEqual(expiring.online.written(), change === 'stays' ? [['disconnect', 0xa0]] : [], change)
  }
})
