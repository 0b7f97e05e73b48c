import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { STORE } from '../../../src/base/limits.ts'
import { createMessage } from '../../../src/codec/message.ts'
import { Outbound } from '../../../src/session/outbound.ts'
import { Outgoing } from '../../../src/session/outgoing.ts'
import { RecordedLog } from '../../support/recorded-log.ts'

const WINDOW = STORE.windowMessages
const VIA = { subscriptionIds: null, filter: 't', as: null } as const

function outgoing(payload: string, qos: 0 | 1 | 2 = 1, as: string | null = null): Outgoing {
  const message = createMessage({ topic: 't', payload: Buffer.from(payload), qos, retain: false })
  return new Outgoing(message, qos, false, { ...VIA, as }, 'allowed')
}

const textOf = ({ message }: Pick<Outgoing, 'message'>): string =>
  message.payloadBuffer.toString('utf8', message.payloadStart, message.payloadEnd)

function outboundOver(log: RecordedLog, maxWaiting = 1000): Outbound {
  const outbound = new Outbound(1000, maxWaiting, 1_000_000)
  outbound.log = log
  return outbound
}

/** What another process would make of what is written. */
function restored(log: RecordedLog, maxWaiting = 1000): Outbound {
  const rows = [...log.rows.values()]
  const sent = rows.filter(({ packetId }) => packetId > 0)
  const waiting = rows.slice(sent.length)
  const owed = [...sent, ...waiting.slice(0, WINDOW)]
  const behind = waiting.slice(WINDOW).map(({ message }) => message.payloadBuffer.length)
  const back = new Outbound(1000, maxWaiting, 1_000_000)
  back.restore({ owed, owedCount: rows.length, owedBytes: behind.reduce((sum, size) => sum + size, 0) })
  back.log = log
  return back
}

/** Takes out all that waits, window by window. */
function drained(outbound: Outbound, log: RecordedLog): readonly string[] {
  const texts: string[] = []
  for (;;) {
    outbound.refill(
      () => false,
      () => undefined,
    )
    for (const answer of log.reads.splice(0)) answer()
    const head = outbound.dequeue()
    if (head === undefined) return texts
    texts.push(textOf(head))
    outbound.discard(head)
  }
}

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `${n}`)

test('what is sent at once is written down with its packet identifier, and goes when it is settled', () => {
  const log = new RecordedLog()
  const outbound = outboundOver(log)
  const ids = ['a', 'b'].map((payload) => outbound.launch(outgoing(payload)))
  assert.deepEqual(
    [...log.rows.values()].map(({ packetId }) => packetId),
    ids,
  )
  outbound.settle(ids[0] ?? 0)
  assert.deepEqual([...log.rows.keys()], [2])
})

test('what waits is written down without one, and gets it in its place; QoS 0 is not written down', () => {
  const log = new RecordedLog()
  const outbound = outboundOver(log)
  for (const [payload, qos] of [
    ['a', 1],
    ['none', 0],
    ['b', 2],
  ] as const) {
    outbound.enqueue(outgoing(payload, qos))
  }
  const head = outbound.dequeue()
  assert.ok(head)
  const id = outbound.launch(head)
  assert.deepEqual(
    [...log.rows.values()].map(({ place, packetId }) => [place, packetId]),
    [
      [1, id],
      [2, 0],
    ],
  )
})

test('what plugins have changed is written down as it leaves, beside what was published', () => {
  const log = new RecordedLog()
  const outbound = outboundOver(log)
  const { message: form } = outgoing('changed')
  const { message: published } = outgoing('published')
  const leaving = new Outgoing(form, 1, true, VIA, 'allowed', null, published)
  leaving.isChanged = true
  const id = outbound.launch(leaving)
  const back = restored(log).inflight.get(id)
  assert.deepEqual([back?.message, back?.published, back?.retain], [form, published, true])
})

test('[MQTT-4.6.0-4] another process releases in the order of PUBRECs, and sends the rest again in its own', () => {
  const log = new RecordedLog()
  const outbound = outboundOver(log)
  for (const payload of numbers(5)) outbound.launch(outgoing(payload, 2))
  for (const id of [4, 1, 3]) outbound.release(id, outbound.inflight.get(id) as Outgoing)
  const back = restored(log)
  back.resume()
  assert.deepEqual([...back.inflight.keys()], [4, 1, 3])
  assert.deepEqual([back.relaunch(), back.relaunch(), back.relaunch()], [2, 5, 0])
  assert.equal(back.launch(outgoing('next')), 6, 'none of them is given away')
})

test('beyond a window what waits is in the store alone, in its order, and counts all the same', () => {
  const log = new RecordedLog()
  const outbound = outboundOver(log)
  const payloads = numbers(3 * WINDOW + 7)
  for (const payload of payloads) assert.equal(outbound.enqueue(outgoing(payload)), true)
  assert.deepEqual([outbound.waiting.length, outbound.queued], [WINDOW, payloads.length])
  assert.equal(outbound.enqueue(outgoing('none', 0)), false, 'it cannot wait behind them')
  const { waitingBytes } = outbound
  assert.deepEqual(drained(outbound, log), payloads)
  assert.ok(waitingBytes > 0)
  assert.deepEqual([outbound.queued, outbound.waitingBytes, log.rows.size], [0, 0, 0])
})

test('whatever an earlier process has left, nothing of it counts when it is gone', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 9 }), { maxLength: 3 * WINDOW, size: 'max' }),
      fc.option(fc.string({ minLength: 1, maxLength: 9 })),
      fc.nat(2 * WINDOW),
      (payloads, as, maxWaiting) => {
        const log = new RecordedLog()
        const outbound = outboundOver(log)
        for (const payload of payloads) outbound.enqueue(outgoing(payload, 2, as))
        // the operator may have cut the queue since
        const back = restored(log, maxWaiting + 1)
        assert.equal(back.queued, payloads.length)
        assert.deepEqual(drained(back, log), payloads)
        assert.deepEqual([back.queued, back.waitingBytes, log.rows.size], [0, 0, 0])
      },
    ),
    { numRuns: 30 },
  )
})

test('what comes while a window is read waits behind it', () => {
  const log = new RecordedLog()
  const outbound = outboundOver(log)
  const payloads = numbers(WINDOW + 60)
  for (const payload of payloads.slice(0, WINDOW + 30)) outbound.enqueue(outgoing(payload))
  const taken: string[] = []
  for (let n = 0; n < WINDOW; n += 1) taken.push(textOf(outbound.dequeue() as Outgoing))
  outbound.refill(
    () => false,
    () => undefined,
  )
  for (const payload of payloads.slice(WINDOW + 30)) outbound.enqueue(outgoing(payload))
  assert.deepEqual([...taken, ...drained(outbound, log)], payloads)
})

test('what is read for a session that has ended is nobody’s any more', () => {
  const log = new RecordedLog()
  const outbound = outboundOver(log)
  for (const payload of numbers(WINDOW + 10)) outbound.enqueue(outgoing(payload))
  while (outbound.dequeue() !== undefined);
  outbound.refill(
    () => false,
    () => assert.fail('there is nobody to be sent anything'),
  )
  outbound.leave()
  for (const answer of log.reads) answer()
  assert.deepEqual([outbound.queued, outbound.waitingBytes, outbound.waiting.length], [0, 0, 0])
})

test('of a subscription that was taken away nothing is sent from the store, in this process or the next', () => {
  for (const isNext of [false, true]) {
    const log = new RecordedLog()
    const outbound = outboundOver(log)
    for (const payload of numbers(WINDOW + 3)) outbound.enqueue(outgoing(payload))
    outbound.withdraw(() => false)
    const left = isNext ? restored(log) : outbound
    while (left.dequeue() !== undefined);
    const strays: string[] = []
    left.refill(
      () => true,
      (found) => void strays.push(...found.map(textOf)),
    )
    for (const answer of log.reads) answer()
    assert.deepEqual(strays, ['100', '101', '102'])
    assert.deepEqual([left.queued, log.rows.size], [0, WINDOW])
  }
})
