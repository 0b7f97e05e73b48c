import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketType } from '../../../src/codec/packet-type.ts'
import { CONDUCT } from '../../../src/protocol/verbs.ts'

/** What only a server sends, and what no packet is. */
const NOT_FROM_CLIENTS: readonly number[] = [
  0,
  PacketType.CONNACK,
  PacketType.SUBACK,
  PacketType.UNSUBACK,
  PacketType.PINGRESP,
]

test('every packet type that a client may send has its verb, and no other has', () => {
  for (let type = 0; type < 16; type++) {
    assert.equal(CONDUCT.verbs[type] === undefined, NOT_FROM_CLIENTS.includes(type), `type ${type}`)
  }
})

test('the steps of QoS 1 and 2 are one verb', () => {
  const { PUBACK, PUBREC, PUBREL, PUBCOMP } = PacketType
  const verbs = new Set([PUBACK, PUBREC, PUBREL, PUBCOMP].map((type) => CONDUCT.verbs[type]))
  assert.equal(verbs.size, 1)
})
