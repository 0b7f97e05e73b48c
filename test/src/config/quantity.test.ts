import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseQuantity } from '../../../src/config/quantity.ts'

describe('a size', () => {
  it('is a number of bytes, or a number with a unit of 1024', () => {
    assert.deepEqual(
      [65_536, '64KiB', '10 MiB', '1GiB', '7B'].map((size) => parseQuantity('bytes', size)),
      [65_536, 65_536, 10_485_760, 1_073_741_824, 7],
    )
  })

  it('is no other text: not decimal units, not fractions, not what no number can hold', () => {
    for (const text of ['', '10', '10MB', '10kib', '1.5MiB', '-1KiB', 'unlimited', '999999999999999GiB']) {
      assert.equal(parseQuantity('bytes', text), undefined, text)
    }
  })

  it('in KiB is 1024 times the number', () => {
    fc.assert(fc.property(fc.nat(), (count) => parseQuantity('bytes', `${count}KiB`) === count * 1024))
  })
})

it('unlimited is a rate and a count, and no size', () => {
  assert.equal(parseQuantity('bytesOrUnlimited', 'unlimited'), Number.POSITIVE_INFINITY)
  assert.equal(parseQuantity('countOrUnlimited', 'unlimited'), Number.POSITIVE_INFINITY)
  assert.equal(parseQuantity('countOrUnlimited', '10MiB'), undefined)
})

it('auto is a count that somebody else finds, and nothing else is', () => {
  assert.equal(parseQuantity('countOrAuto', 'auto'), Number.POSITIVE_INFINITY)
  assert.equal(parseQuantity('countOrAuto', 12), 12)
  assert.equal(parseQuantity('countOrAuto', 'unlimited'), undefined)
  assert.equal(parseQuantity('countOrUnlimited', 'auto'), undefined)
})
