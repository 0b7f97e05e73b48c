import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OperationReader, OperationWriter } from '../../../../src/engine/sqlite/operations.ts'

const field = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffff_ffff }) }),
  fc.record({ kind: fc.constant('number' as const), value: fc.double({ noNaN: true }) }),
  fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'binary' }) }),
  fc.record({ kind: fc.constant('blob' as const), value: fc.uint8Array({ maxLength: 200 }) }),
)

test('what is written is read in its order, whatever it is', () => {
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const writer = new OperationWriter(1)
      for (const { kind, value } of fields)
        (writer[kind] as (written: unknown) => unknown).call(writer, value)
      const reader = new OperationReader(writer.bytes)
      for (const { kind, value } of fields) {
        const read = reader[kind]()
        if (kind === 'blob') assert.deepEqual(Buffer.from(read as Buffer), Buffer.from(value as Uint8Array))
        else assert.ok(Object.is(read, value), `${kind} ${String(value)} came back as ${String(read)}`)
      }
      assert.ok(!reader.more)
      assert.equal(writer.length, writer.bytes.length)
    }),
  )
})
