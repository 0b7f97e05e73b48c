import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMessage } from '../../../src/codec/message.ts'
import { Outbound } from '../../../src/session/outbound.ts'
import { Outgoing } from '../../../src/session/outgoing.ts'
import { TestLink } from '../../support/sessions.ts'

function outgoing(payload = '', topic = 't', more: { readonly contentType?: string } = {}): Outgoing {
  const message = createMessage({
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    retain: false,
    properties: more,
  })
  return new Outgoing(message, 1, false, { subscriptionIds: null, filter: topic, as: null }, 'allowed')
}

const anyOutgoing = outgoing()

test('packet identifiers in flight are unique and never zero, however often they wrap [MQTT-2.2.1-4]', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 4 }), { maxLength: 20 }), (acknowledged) => {
      const outbound = new Outbound(8, 1, 1)
      const ids: number[] = []
      // some are acknowledged late and stay in the way while the others go round twice
      const late = [outbound.launch(outgoing()), outbound.launch(outgoing())]
      for (let turn = 0; turn < 131_080; turn += 1) {
        const id = outbound.launch(anyOutgoing)
        assert.ok(id > 0 && id <= 0xffff)
        assert.ok(!late.includes(id) && !ids.includes(id))
        ids.push(id)
        const place = acknowledged[turn] ?? 0
        if (ids.length > 4) outbound.settle(ids.splice(place, 1)[0] as number)
      }
      assert.equal(outbound.inflight.size, ids.length + late.length)
    }),
    { numRuns: 3 },
  )
})

test('all 65,535 identifiers can be in flight at once', () => {
  const outbound = new Outbound(65_535, 1, 1)
  const link = new TestLink()
  while (outbound.windowOpen(link)) outbound.launch(anyOutgoing)
  assert.equal(outbound.inflight.size, 65_535)
  assert.equal(outbound.inflight.has(0), false)
  outbound.settle(40_000)
  assert.equal(outbound.launch(anyOutgoing), 40_000)
})

test('what is not sent after all takes its packet identifier along, none that is in use', () => {
  const outbound = new Outbound(65_535, 1, 1)
  assert.equal(outbound.launch(anyOutgoing), 1)
  outbound.forgoPacketId()
  assert.equal(outbound.launch(anyOutgoing), 3)
  for (let id = 4; id <= 65_535; id += 1) outbound.forgoPacketId()
  outbound.forgoPacketId()
  assert.equal(outbound.launch(anyOutgoing), 4)
  assert.deepEqual([...outbound.inflight.keys()], [1, 3, 4])
})

test('what is released goes behind what was released before, once [MQTT-4.6.0-4]', () => {
  const outbound = new Outbound(5, 1, 1)
  for (let sent = 0; sent < 4; sent += 1) outbound.launch(outgoing())
  for (const id of [3, 1, 3, 2]) {
    const outgoing = outbound.inflight.get(id)
    assert.ok(outgoing)
    outbound.release(id, outgoing)
  }
  assert.deepEqual([...outbound.inflight.keys()], [4, 3, 1, 2])
  outbound.resume()
  assert.deepEqual([...outbound.inflight.keys()], [3, 1, 2])
})

test("the window is the receive maximum or the tenant's bound, whichever is smaller [MQTT-3.3.4-9]", () => {
  const link = new TestLink()
  for (const [receiveMaximum, maxInflight, window] of [
    [2, 5, 2],
    [5, 2, 2],
    [1, 1, 1],
  ] as const) {
    link.receiveMaximum = receiveMaximum
    const outbound = new Outbound(maxInflight, 1, 1)
    for (let sent = 0; sent < window; sent += 1) {
      assert.equal(outbound.open(link), true)
      outbound.launch(anyOutgoing)
    }
    assert.equal(outbound.open(link), false)
    outbound.settle(1)
    assert.equal(outbound.open(link), true)
  }
})

test('while the client reads slower than it is written to, the window is closed', () => {
  const link = new TestLink()
  link.congested = true
  assert.equal(new Outbound(5, 1, 1).windowOpen(link), false)
})

test('nothing overtakes what waits: the way is not open as long as anything does', () => {
  const outbound = new Outbound(5, 5, 100)
  const link = new TestLink()
  outbound.enqueue(anyOutgoing)
  assert.equal(outbound.windowOpen(link), true)
  assert.equal(outbound.open(link), false)
  outbound.dequeue()
  assert.equal(outbound.open(link), true)
})

test('at the bound the newest is refused, and nothing that was accepted is evicted', () => {
  const outbound = new Outbound(5, 2, 100)
  const [first, second, third] = [outgoing('1'), outgoing('2'), outgoing('3')]
  assert.deepEqual(
    [outbound.enqueue(first), outbound.enqueue(second), outbound.enqueue(third)],
    [true, true, false],
  )
  assert.equal(outbound.dequeue(), first)
  assert.equal(outbound.dequeue(), second)
  assert.equal(outbound.dequeue(), undefined)
})

test('the bound in bytes counts topic, properties and payload of what waits now', () => {
  const size = 't'.length + 'pay'.length
  const outbound = new Outbound(5, 100, size)
  assert.equal(outbound.enqueue(outgoing('pay', 't', { contentType: 'x' })), false)
  assert.equal(outbound.enqueue(outgoing('pay!')), false)
  assert.equal(outbound.waitingBytes, 0)
  assert.equal(outbound.enqueue(outgoing('pay')), true)
  assert.equal(outbound.waitingBytes, size)
  assert.equal(outbound.enqueue(outgoing('', 't')), false)
  outbound.dequeue()
  assert.equal(outbound.waitingBytes, 0)
})

test('a quota of 0 messages queues none', () => {
  assert.equal(new Outbound(5, 0, 100).enqueue(anyOutgoing), false)
})

test('whatever is queued and taken out, count and bytes stay within their bounds', () => {
  const step = fc.option(fc.nat({ max: 30 }), { nil: null })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (script) => {
      const outbound = new Outbound(5, 4, 60)
      let bytes: number[] = []
      for (const length of script) {
        if (length === null) {
          outbound.dequeue()
          bytes = bytes.slice(1)
        } else if (outbound.enqueue(outgoing('x'.repeat(length)))) bytes.push(length + 1)
        assert.equal(outbound.waiting.length, bytes.length)
        assert.equal(
          outbound.waitingBytes,
          bytes.reduce((sum, each) => sum + each, 0),
        )
        assert.ok(outbound.waitingBytes <= 60 && outbound.waiting.length <= 4)
      }
    }),
  )
})

test('after a resumption what was in flight goes again first, under its identifiers, in its order', () => {
  const outbound = new Outbound(5, 5, 100)
  const ids = [outgoing('1'), outgoing('2'), outgoing('3')].map((each) => outbound.launch(each))
  outbound.resume()
  assert.equal(outbound.open(new TestLink()), false)
  assert.deepEqual([outbound.relaunch(), outbound.relaunch(), outbound.relaunch()], ids)
  assert.equal(outbound.relaunch(), 0)
  assert.deepEqual([...outbound.inflight.keys()], ids)
  assert.equal(outbound.open(new TestLink()), true)
})

test('what an earlier resumption had no room for keeps its place behind what was sent again', () => {
  const outbound = new Outbound(5, 5, 100)
  const ids = [outgoing('1'), outgoing('2'), outgoing('3')].map((each) => outbound.launch(each))
  outbound.resume()
  outbound.relaunch()
  outbound.resume()
  assert.deepEqual([outbound.relaunch(), outbound.relaunch(), outbound.relaunch()], ids)
})

test('what the client has received stays in flight: its PUBREL alone goes again', () => {
  const outbound = new Outbound(5, 5, 100)
  const received = outgoing('1')
  const id = outbound.launch(received)
  received.released = true
  outbound.resume()
  assert.equal(outbound.inflight.get(id), received)
  assert.equal(outbound.relaunch(), 0)
})

test('what waits is checked anew when the client is back: it may be back as somebody else', () => {
  const outbound = new Outbound(5, 5, 100)
  const waiting = [outgoing('1'), outgoing('2'), outgoing('3')]
  for (const each of waiting) outbound.enqueue(each)
  for (const [place, check] of (['allowed', 'denied', 'asked'] as const).entries()) {
    const each = outbound.waiting.at(place)
    if (each !== undefined) each.check = check
  }
  outbound.resume()
  assert.deepEqual(
    waiting.map(({ check }) => check),
    ['due', 'due', 'due'],
  )
})

test('what is withdrawn leaves the queue and its room; the rest keeps its order', () => {
  const outbound = new Outbound(5, 5, 100)
  const waiting = [outgoing('1'), outgoing('2'), outgoing('3'), outgoing('4')]
  for (const each of waiting) outbound.enqueue(each)
  const bytes = outbound.waitingBytes
  const withdrawn = outbound.withdraw((each) => each === waiting[1] || each === waiting[3])
  assert.deepEqual(withdrawn, [waiting[1], waiting[3]])
  assert.equal(outbound.waitingBytes, bytes / 2)
  assert.deepEqual(
    [outbound.dequeue(), outbound.dequeue(), outbound.dequeue()],
    [waiting[0], waiting[2], undefined],
  )
})

test('what plugins have made of a waiting message waits at the queue’s expense, and ends with the connection', () => {
  const outbound = new Outbound(8, 4, 10_000)
  const waiting = outgoing('12345')
  const { message } = outgoing('1234567890')
  outbound.enqueue(waiting)
  const size = outbound.waitingBytes
  outbound.setCheck(waiting, 'allowed', { message, qos: 0, retain: true, as: null })
  assert.equal(outbound.waitingBytes, size + 11)
  outbound.resume()
  assert.deepEqual([waiting.check, waiting.form, outbound.waitingBytes], ['due', null, size])
  outbound.dequeue()
  assert.equal(outbound.waitingBytes, 0)
})

test('fewer may wait than at first, and what waits already stays', () => {
  const outbound = new Outbound(1, 3, 1000)
  assert.deepEqual([outbound.enqueue(outgoing()), outbound.enqueue(outgoing())], [true, true])
  outbound.bound(1)
  assert.deepEqual([outbound.enqueue(outgoing()), outbound.waiting.length], [false, 2])
  outbound.bound()
  assert.deepEqual([outbound.enqueue(outgoing()), outbound.enqueue(outgoing())], [true, false])
})

test('payloads in flight close the window at their bound; a larger one has it for itself', () => {
  const outbound = new Outbound(5, 5, 100, 10)
  const link = new TestLink()
  const small = outbound.launch(outgoing('five!'))
  assert.equal(outbound.windowOpen(link), true)
  const large = outbound.launch(outgoing('x'.repeat(50)))
  assert.equal(outbound.windowOpen(link), false)
  outbound.settle(small)
  outbound.settle(small)
  assert.equal(outbound.windowOpen(link), false)
  outbound.settle(large)
  assert.equal(outbound.windowOpen(link), true)
})

test('payloads that a lost connection left in flight count again when they are sent again', () => {
  const outbound = new Outbound(5, 5, 100, 5)
  const link = new TestLink()
  outbound.launch(outgoing('five!'))
  outbound.resume()
  assert.equal(outbound.windowOpen(link), true)
  const again = outbound.relaunch()
  assert.equal(outbound.windowOpen(link), false)
  outbound.settle(again)
  assert.equal(outbound.windowOpen(link), true)
})
