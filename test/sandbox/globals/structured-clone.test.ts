import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { structuredClone as ours } from '../../../sandbox/globals/structured-clone.ts'

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withNullPrototype: false,
})

test('plain data of any shape is copied as Node copies it', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const copy = ours(value)
      assert.deepEqual(copy, structuredClone(value))
      if (typeof value === 'object' && value !== null) assert.notEqual(copy, value)
    }),
    { numRuns: 500 },
  )
})

test('cycles and shared parts stay what they are', () => {
  const shared = { deep: [1] }
  const value: Record<string, unknown> = {
    one: shared,
    two: shared,
    map: new Map<unknown, unknown>([[shared, shared]]),
  }
  value['self'] = value
  const copy = ours(value) as typeof value
  assert.equal(copy['self'], copy)
  assert.equal(copy['one'], copy['two'])
  assert.notEqual(copy['one'], shared)
  assert.equal((copy['map'] as Map<unknown, unknown>).get(copy['one']), copy['one'])
  const { buffer } = new Uint8Array(4)
  const views = ours([new Uint8Array(buffer, 1, 2), new DataView(buffer)]) as [Uint8Array, DataView]
  assert.equal(views[0].buffer, views[1].buffer)
  assert.deepEqual([views[0].byteOffset, views[0].length], [1, 2])
})

test('regular expressions and errors keep what says what they are', () => {
  assert.deepEqual(ours(/a+/giu), /a+/giu)
  const error = new RangeError('too far', { cause: { at: 1 } })
  const copy = ours(error) as RangeError
  assert.ok(copy instanceof RangeError && copy !== error)
  assert.deepEqual([copy.message, copy.stack, copy.cause], ['too far', error.stack, { at: 1 }])
  assert.ok(ours(Object.assign(new Error('x'), { name: 'Mine' })) instanceof Error)
})

test('an instance becomes a plain object; a key may be __proto__', () => {
  class Point {
    x = 1
    get y(): number {
      return 2
    }
  }
  assert.deepEqual(ours(new Point()), { x: 1 })
  const copy = ours(JSON.parse('{"__proto__":{"polluted":1}}')) as Record<string, unknown>
  assert.equal(copy['polluted'], undefined)
  assert.deepEqual(Object.keys(copy), ['__proto__'])
})

test('what has no copy is a DataCloneError, as it is in Node', () => {
  const values = [() => 1, Symbol('s'), new WeakMap(), new WeakSet(), Promise.resolve(), { deep: [() => 1] }]
  for (const value of values) {
    assert.throws(() => ours(value), { name: 'DataCloneError', code: 25 })
    assert.throws(() => structuredClone(value), { name: 'DataCloneError', code: 25 })
  }
  assert.throws(() => ours(1, { transfer: [new ArrayBuffer(1)] }), { name: 'DataCloneError' })
})
