import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Outbound } from '../../../src/session/outbound.ts'
import { Outgoing } from '../../../src/session/outgoing.ts'
import { QueueRoom } from '../../../src/session/queue-room.ts'
import { received } from '../../support/messages.ts'

const VIA = { subscriptionIds: null, filter: 'a', as: null }

test('one more is kept out by the bound that it would exceed', () => {
  const room = new QueueRoom(2, 100)
  assert.equal(room.metBy(100), null)
  room.add(1, 60)
  assert.deepEqual([room.metBy(40), room.metBy(41)], [null, 'allQueuedBytes'])
  room.add(1, 0)
  assert.equal(room.metBy(0), 'allQueuedMessages')
  room.add(-2, -60)
  assert.equal(room.metBy(100), null)
})

test('whatever queues do, the room holds what waits in them, and nothing once they have left', () => {
  const step = fc.record({ queue: fc.nat(2), what: fc.constantFrom('put', 'take', 'form', 'drop', 'leave') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const room = new QueueRoom(12, 4000)
      const queues = [0, 1, 2].map(() => new Outbound(5, 8, 3000, undefined, room))
      for (const [at, { queue, what }] of steps.entries()) {
        const outbound = queues[queue]
        const message = received({ topic: 'a', payload: Buffer.alloc(at * 7) })
        const first = outbound?.waiting.at(0)
        if (what === 'put') outbound?.enqueue(new Outgoing(message, 1, false, VIA, 'due'))
        else if (what === 'take') outbound?.dequeue()
        else if (what === 'drop') outbound?.withdraw((outgoing) => outgoing.bytes % 2 === 0)
        else if (what === 'leave') outbound?.leave()
        else if (first !== undefined) {
          outbound?.setCheck(first, 'allowed', { message, qos: 1, retain: false, as: null })
        }
        assert.equal(room.messages, total(queues.map(({ queued }) => queued)))
        assert.equal(room.bytes, total(queues.map(({ waitingBytes }) => waitingBytes)))
      }
      for (const outbound of queues) outbound.leave()
      assert.deepEqual([room.messages, room.bytes], [0, 0])
    }),
  )
})

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}
