import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteSink } from '../../../src/base/byte-sink.ts'
import { PENDING_ACKS } from '../../../src/base/limits.ts'
import { PacketType } from '../../../src/codec/packet-type.ts'
import { AckGate, UNHEARD } from '../../../src/protocol/ack-gate.ts'
import type { AckWaiter } from '../../../src/protocol/ports.ts'

class Waiter implements AckWaiter {
  pendingAcks = 0
  readonly out: ByteSink = new ByteSink()
  readonly version: 4 | 5

  constructor(version: 4 | 5 = 4) {
    this.version = version
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
  assert.deepEqual([waiter.acknowledged, waiter.pendingAcks], [[], 2])
  gate.settled(1)
  assert.deepEqual([waiter.acknowledged, waiter.pendingAcks], [[7], 1])
  gate.settled(2)
  assert.deepEqual([waiter.acknowledged, waiter.pendingAcks], [[7, 8], 0])
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
  assert.deepEqual([told, first.acknowledged, first.pendingAcks], [['at once', 'refused behind 7'], [7], 1])
})

test('MQTT 5 is told that nobody has subscribed, in its order; an older version has no word for it', () => {
  for (const [version, unheard] of [
    [5, '5003000910'],
    [4, '50020009'],
  ] as const) {
    const gate = new AckGate()
    const waiter = new Waiter(version)
    const left = (): string => waiter.out.bytes.toString('hex', 0, waiter.out.length)
    gate.acknowledge(waiter, UNHEARD, PacketType.PUBREC, 9)
    assert.equal(left(), unheard)
    waiter.out.length = 0
    gate.acknowledge(waiter, 1, PacketType.PUBREC, 8)
    gate.acknowledge(waiter, UNHEARD, PacketType.PUBREC, 9)
    assert.equal(left(), '')
    gate.settled(1)
    assert.equal(left(), `50020008${unheard}`)
  }
})

test('it is full at half of its bound, so that what is being read still fits', () => {
  const gate = new AckGate()
  const waiter = new Waiter()
  for (let i = 1; i < PENDING_ACKS / 2; i++) gate.acknowledge(waiter, i, PacketType.PUBACK, 1)
  assert.equal(gate.full, false)
  gate.acknowledge(waiter, PENDING_ACKS / 2, PacketType.PUBACK, 1)
  assert.equal(gate.full, true)
  gate.settled(1)
  assert.equal(gate.full, false)
})
