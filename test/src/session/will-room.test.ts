import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMessage, sizeOf } from '../../../src/codec/message.ts'
import { PendingWill } from '../../../src/session/will.ts'
import { WillRoom } from '../../../src/session/will-room.ts'
import { testClient } from '../../support/sessions.ts'

const will = (clientId: string, payload = 'gone'): PendingWill => {
  const message = createMessage({ topic: 'w', payload: Buffer.from(payload), qos: 0, retain: false })
  return new PendingWill(message, testClient(clientId), 5, undefined)
}
const ONE = sizeOf(will('ann').message)

test('wills are kept up to the bound, and one that goes makes room for the next', () => {
  const room = new WillRoom(2 * ONE)
  const [first, second, third] = [will('ann'), will('bob'), will('cid')]
  assert.deepEqual(
    [room.admit(first, null), room.admit(second, null), room.admit(third, null)],
    [true, true, false],
  )
  room.release(first)
  assert.deepEqual([room.admit(third, null), room.bytes], [true, 2 * ONE])
})

test('who comes back with another will is not refused for the one that it left', () => {
  const room = new WillRoom(ONE)
  const [left, brought] = [will('ann'), will('ann')]
  assert.ok(room.admit(left, null))
  assert.deepEqual([room.admit(will('bob'), null), room.admit(brought, left)], [false, true])
  room.release(left)
  assert.equal(room.bytes, ONE)
  // one that has gone out makes no room
  assert.equal(room.admit(will('bob'), left), false)
})

test('a will is counted once, and given up once', () => {
  const room = new WillRoom(10 * ONE)
  const one = will('ann')
  room.keep(one)
  room.keep(one)
  assert.equal(room.bytes, ONE)
  room.release(one)
  room.release(one)
  assert.equal(room.bytes, 0)
})
