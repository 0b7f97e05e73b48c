import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TimerWheel } from '../../../src/base/timer-wheel.ts'
import { Session } from '../../../src/session/session.ts'
import { BOUNDS, TestLink, testClient } from '../../support/sessions.ts'

test('a new session is named by its client identifier, owes nothing and is nowhere subscribed', () => {
  const session = new Session(testClient('ann'), 3, BOUNDS)
  assert.equal(session.clientId, 'ann')
  assert.equal(session.epoch, 3)
  assert.equal(session.subscriptions.size, 0)
  assert.equal(session.received.size, 0)
  assert.equal(session.outbound.inflight.size, 0)
  assert.equal(session.outbound.waiting.length, 0)
})

test("its queue has the tenant's bounds", () => {
  const session = new Session(testClient('ann'), 1, { ...BOUNDS, queuedMessages: 7, inflightMessages: 1 })
  assert.equal(session.outbound.waiting.bound, 7)
})

test('it is connected as long as it has a way to its client', () => {
  const session = new Session(testClient('ann'), 1, BOUNDS)
  assert.equal(session.connected, false)
  session.link = new TestLink()
  assert.equal(session.connected, true)
  session.link = null
  assert.equal(session.connected, false)
})

test('it ends once its expiry interval has passed without its client [MQTT-4.1.0-2]', () => {
  let now = 0
  const wheel = new TimerWheel(() => now)
  const session = new Session(testClient('ann'), 1, BOUNDS)
  const ended: Session[] = []
  session.onExpired = (expired) => ended.push(expired)
  wheel.add(session, 5000)
  now = 4999
  wheel.turn()
  assert.deepEqual(ended, [])
  now = 6000
  wheel.turn()
  assert.deepEqual(ended, [session])
})
