import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Operation, OperationReader, OperationWriter } from '../../../../src/engine/sqlite/operations.ts'
import { anyText } from '../../../support/any-text.ts'

type Field =
  | { readonly kind: 'u8' | 'u32' | 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'blob'; readonly value: Uint8Array }

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.nat(0xff) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constant('number' as const), value: fc.double({ noNaN: true }) }),
  fc.record({ kind: fc.constant('text' as const), value: anyText({ maxLength: 40 }) }),
  fc.record({ kind: fc.constant('blob' as const), value: fc.uint8Array({ maxLength: 200 }) }),
)

function write(to: OperationWriter, { kind, value }: Field): void {
  if (kind === 'text') to.text(value)
  else if (kind === 'blob') to.blob(value)
  else to[kind](value)
}

function read(from: OperationReader, kind: Field['kind']): Field['value'] {
  return kind === 'blob' ? new Uint8Array(from.blob()) : from[kind]()
}

test('what is written field by field is read as it was, whatever room there was at first', () => {
  const fields = fc.array(field, { maxLength: 30 })
  fc.assert(
    fc.property(fields, fc.integer({ min: 1, max: 64 }), (written, capacity) => {
      const to = new OperationWriter(capacity)
      for (const each of written) write(to, each)
      const from = new OperationReader(to.bytes)
      for (const { kind, value } of written) assert.deepEqual(read(from, kind), value)
      assert.equal(from.more, false)
    }),
  )
})

test('the length is that of what was written, not of the room that was made for it', () => {
  const to = new OperationWriter(1).text('é').blob(new Uint8Array(3))
  assert.equal(to.length, 4 + 2 + 4 + 3)
  assert.equal(to.bytes.length, to.length)
})

test('a batch that lies anywhere in its memory is read from where it begins', () => {
  const { bytes } = new OperationWriter(8).text('here').u8(7)
  const shifted = Buffer.concat([Buffer.alloc(13, 0xff), bytes]).subarray(13)
  const from = new OperationReader(new Uint8Array(shifted.buffer, shifted.byteOffset, shifted.length))
  assert.equal(from.text(), 'here')
  assert.equal(from.u8(), 7)
  assert.equal(from.more, false)
})

test('reading behind the end throws: half an operation is never done', () => {
  assert.throws(() => new OperationReader(new Uint8Array(3)).u32(), RangeError)
})

test('no two operations have one number, and those that are answered come behind those that are not', () => {
  const numbers = Object.values(Operation)
  assert.equal(new Set(numbers).size, numbers.length)
  const answered = Object.entries(Operation).filter(([, number]) => number > Operation.audit)
  assert.deepEqual(
    answered.map(([name]) => name),
    'readAudit readQueue kvGet kvSet kvDelete kvList documentGet documentList documentsChange '
      .concat('blobPut blobGet blobDelete forgetTenant kvUsed')
      .split(' '),
  )
})
