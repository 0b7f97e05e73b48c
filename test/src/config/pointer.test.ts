import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { childPointer, dotted, parentPointer, pointerKeys } from '../../../src/config/pointer.ts'

it('a pointer is its keys, whatever is in them', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (keys) => {
      const pointer = keys.reduce<string>(childPointer, '')
      assert.deepEqual(pointerKeys(pointer), keys)
    }),
  )
})

it('the parent of a child is where it came from', () => {
  const word = fc.string()
  fc.assert(
    fc.property(fc.array(word), word, (keys, key) => {
      const pointer = keys.reduce<string>(childPointer, '')
      assert.equal(parentPointer(childPointer(pointer, key)), pointer)
    }),
  )
})

it('people read a pointer with dots', () => {
  assert.equal(dotted(childPointer('/plugins', './gate')), 'plugins../gate')
})
