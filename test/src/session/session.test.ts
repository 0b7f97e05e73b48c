import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TimerWheel } from '../../../src/base/timer-wheel.ts'
import { createMessage } from '../../../src/codec/message.ts'
import { Session } from '../../../src/session/session.ts'
import { PendingWill } from '../../../src/session/will.ts'
import { RecordedLog } from '../../support/recorded-log.ts'
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

function willOf(topic: string): PendingWill {
  const message = createMessage({ topic, payload: Buffer.from('gone'), qos: 1, retain: false })
  return new PendingWill(message, testClient('ann'), 5, undefined)
}

function written(): { session: Session; log: RecordedLog } {
  const session = new Session(testClient('ann'), 1, BOUNDS)
  const log = new RecordedLog()
  session.log = log
  return { session, log }
}

test('[MQTT-4.3.3-10] that a message has come is written down when it is taken, unless it is released by then', () => {
  const { session, log } = written()
  session.receive(7)
  session.receive(8)
  assert.deepEqual([[...session.received], log.told], [[7, 8], []])
  session.forget(8)
  session.writeReceived(7)
  session.writeReceived(8)
  assert.deepEqual(log.told, ['forgotten 8', 'received 7'])
})

test('a will is erased by who wrote it, and not by one that was there before', () => {
  const { session, log } = written()
  const [first, second] = [willOf('first'), willOf('second')]
  session.writeWill(first)
  session.writeWill(second)
  session.eraseWill(first)
  assert.deepEqual([log.wills, session.writtenWill], [['first', 'second'], second])
  session.eraseWill(second)
  session.eraseWill(second)
  session.eraseWill(null)
  assert.deepEqual([log.wills, session.writtenWill], [['first', 'second', null], null])
})

test('of a session that ends with its connection the client and its will are written, and nothing else', () => {
  const { session, log } = written()
  session.logWillAlone()
  session.receive(7)
  session.writeReceived(7)
  session.describe()
  session.writeWill(willOf('last'))
  let isTold = false
  session.whenSafe(() => (isTold = true))
  assert.equal(isTold, true, 'what it is sent waits for nothing')
  isTold = false
  session.whenDescribed(() => (isTold = true))
  assert.equal(isTold, false, 'its CONNACK says that its will is kept')
  log.safe()
  assert.deepEqual([isTold, log.told, log.wills, log.rows.size], [true, ['described'], ['last'], 0])
  session.log = null
  session.eraseWill(session.writtenWill)
  assert.deepEqual(log.wills, ['last'], 'what has ended is gone with all that was written of it')
})
