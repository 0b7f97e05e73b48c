import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteSink } from '../../../src/base/byte-sink.ts'
import type { RingBuffer } from '../../../src/base/ring-buffer.ts'
import { writeAck } from '../../../src/codec/ack-view.ts'
import { PacketType } from '../../../src/codec/packet-type.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import { AckGate } from '../../../src/protocol/ack-gate.ts'
import type { AckWaiter, PendingAck } from '../../../src/protocol/ports.ts'

class Waiter implements AckWaiter {
  pendingAcks: RingBuffer<PendingAck> | null = null
  /** How often it is held. */
  holds = 0
  readonly connection = {
    hold: (): void => void (this.holds += 1),
    release: (): void => {
      this.holds -= 1
      this.onRead()
    },
  }
  /** It is read again. */
  onRead: () => void = () => undefined
  out: ByteSink = new ByteSink()
  readonly version: 4 | 5

  constructor(version: 4 | 5 = 4) {
    this.version = version
  }

  get waiting(): number {
    return this.pendingAcks?.length ?? 0
  }

  /** The identifiers that were acknowledged, in order. */
  get acknowledged(): number[] {
    const bytes = this.out.bytes.subarray(0, this.out.length)
    return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt16BE(i * 4 + 2))
  }
}

test('a message that the engine holds already is acknowledged at once', () => {
  const waiter = new Waiter()
  new AckGate().acknowledge(waiter, 0, PacketType.PUBACK, 7)
  assert.deepEqual(waiter.acknowledged, [7])
})

test('an acknowledgement waits until its ticket is settled', () => {
  const gate = new AckGate()
  const waiter = new Waiter()
  gate.acknowledge(waiter, 1, PacketType.PUBACK, 7)
  gate.acknowledge(waiter, 2, PacketType.PUBREC, 8)
  assert.deepEqual([waiter.acknowledged, waiter.waiting], [[], 2])
  gate.settled(1)
  assert.deepEqual([waiter.acknowledged, waiter.waiting], [[7], 1])
  gate.settled(2)
  assert.deepEqual([waiter.acknowledged, waiter.waiting], [[7, 8], 0])
})

test('[MQTT-4.6.0-2] one that need not wait waits behind those of its connection that must', () => {
  const gate = new AckGate()
  const [first, second] = [new Waiter(), new Waiter()]
  gate.acknowledge(first, 1, PacketType.PUBACK, 7)
  gate.acknowledge(first, 0, PacketType.PUBACK, 8)
  gate.acknowledge(second, 0, PacketType.PUBACK, 9)
  assert.deepEqual([first.acknowledged, second.acknowledged], [[], [9]])
  gate.settled(1)
  assert.deepEqual(first.acknowledged, [7, 8])
})

test('[MQTT-4.6.0-2] a refusal is told behind the acknowledgements that wait, and at once where none does', () => {
  const gate = new AckGate()
  const [first, second] = [new Waiter(), new Waiter()]
  const told: string[] = []
  gate.acknowledge(first, 1, PacketType.PUBACK, 7)
  gate.behind(first, () => told.push(`refused behind ${first.acknowledged.join()}`))
  gate.acknowledge(first, 2, PacketType.PUBACK, 8)
  gate.behind(second, () => told.push('at once'))
  assert.deepEqual(told, ['at once'])
  gate.settled(1)
  assert.deepEqual([told, first.acknowledged, first.waiting], [['at once', 'refused behind 7'], [7], 1])
})

test('MQTT 5 is told the code, at once or when it is safe; an older version has no word for it', () => {
  for (const [version, unheard] of [
    [5, '4003000910'],
    [4, '40020009'],
  ] as const) {
    const gate = new AckGate()
    const waiter = new Waiter(version)
    const left = (): string => waiter.out.bytes.toString('hex', 0, waiter.out.length)
    gate.acknowledge(waiter, 0, PacketType.PUBACK, 9, ReasonCode.noMatchingSubscribers)
    assert.equal(left(), unheard)
    waiter.out.length = 0
    gate.acknowledge(waiter, 1, PacketType.PUBACK, 9, ReasonCode.noMatchingSubscribers)
    gate.acknowledge(waiter, 0, PacketType.PUBACK, 8)
    assert.equal(left(), '')
    gate.settled(1)
    assert.equal(left(), `${unheard}40020008`)
  }
})

test('what has waited goes where its connection writes by then, not where it wrote before', () => {
  const gate = new AckGate()
  const waiter = new Waiter()
  const before = waiter.out
  gate.acknowledge(waiter, 1, PacketType.PUBACK, 7)
  const known = gate.acknowledgeLater(waiter, PacketType.PUBACK, 8)
  gate.behind(waiter, (out) => writeAck(out, PacketType.PUBACK, 9, 0, 4))
  // as at the end of a turn: another connection may have it now
  waiter.out = new ByteSink()
  known(1)
  gate.settled(1)
  assert.deepEqual([before.length, waiter.acknowledged], [0, [7, 8, 9]])
})

test('one whose ticket is not known yet keeps its place, and holds up its own connection alone', () => {
  const gate = new AckGate()
  const [slow, other] = [new Waiter(), new Waiter()]
  const known = gate.acknowledgeLater(slow, PacketType.PUBACK, 7)
  gate.acknowledge(slow, 1, PacketType.PUBACK, 8)
  gate.acknowledge(other, 1, PacketType.PUBACK, 9)
  gate.settled(1)
  assert.deepEqual([slow.acknowledged, other.acknowledged], [[], [9]])
  known(2)
  assert.deepEqual(slow.acknowledged, [], 'it is known, and not settled')
  gate.settled(2)
  assert.deepEqual(slow.acknowledged, [7, 8])
  gate.acknowledgeLater(slow, PacketType.PUBACK, 10)(0)
  assert.deepEqual(slow.acknowledged, [7, 8, 10])
})

test('who is held is read again when something is settled, and may be held at once', () => {
  const gate = new AckGate()
  const waiter = new Waiter()
  gate.hold(waiter)
  gate.hold(waiter)
  assert.equal(waiter.holds, 1)
  waiter.onRead = () => gate.hold(waiter)
  gate.settled(1)
  assert.equal(waiter.holds, 1)
  waiter.onRead = () => undefined
  gate.settled(2)
  assert.equal(waiter.holds, 0)
})

test('who is held is read again when nothing waits for it any more', () => {
  const gate = new AckGate()
  const waiter = new Waiter()
  const known = gate.acknowledgeLater(waiter, PacketType.PUBACK, 7)
  gate.hold(waiter)
  known(0)
  assert.deepEqual([waiter.acknowledged, waiter.holds], [[7], 0])
})

test('whatever comes in whatever order, each connection is acknowledged in its order, and only what is safe', () => {
  const step = fc.record({
    of: fc.nat(2),
    what: fc.constantFrom('now', 'later', 'known', 'behind', 'settle'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const gate = new AckGate()
      const waiters = [0, 1, 2].map(() => ({ waiter: new Waiter(), sent: [] as number[] }))
      const open: ((ticket: number) => void)[] = []
      let written = 0
      for (const [at, { of, what }] of steps.entries()) {
        const { waiter, sent } = waiters[of] ?? assert.fail()
        const packetId = at + 1
        if (what === 'settle') gate.settled(written)
        else if (what === 'known') open.shift()?.((written += 1))
        else {
          sent.push(packetId)
          if (what === 'now') gate.acknowledge(waiter, (written += 1), PacketType.PUBACK, packetId)
          else if (what === 'later') open.push(gate.acknowledgeLater(waiter, PacketType.PUBACK, packetId))
          else gate.behind(waiter, (out) => writeAck(out, PacketType.PUBACK, packetId, 0, 4))
        }
        assert.deepEqual(waiter.acknowledged, sent.slice(0, waiter.acknowledged.length))
        assert.equal(waiter.acknowledged.length + waiter.waiting, sent.length)
      }
      for (const known of open) known((written += 1))
      gate.settled(written)
      for (const { waiter, sent } of waiters) assert.deepEqual(waiter.acknowledged, sent)
    }),
  )
})
