import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketType } from '../../../src/codec/packet-type.ts'

test('the packet types are numbered 1 to 15 in the order of the standard', () => {
  assert.deepEqual(
    Object.values(PacketType),
    Array.from({ length: 15 }, (_, index) => index + 1),
  )
})
