import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Histogram } from '../../../src/base/histogram.ts'
import type { Sample } from '../../../src/observe/metrics.ts'
import { OTHERS, SeriesRoom } from '../../../src/observe/series-room.ts'

test('whoever comes first has series of its own; the others share one, and stay there', () => {
  const room = new SeriesRoom(2)
  assert.deepEqual(
    ['a', 'b', 'c', 'a', 'd'].map((name) => room.tenant(name)),
    ['a', 'b', OTHERS, 'a', OTHERS],
  )
  assert.equal(room.foldedOf(['a', 'b', 'c', 'd']), 2)
  // a is deleted, and another is made: c, which is counted among the others, stays there
  room.keepOnly(new Map(['b', 'c', 'd', 'e'].map((name) => [name, null])))
  assert.deepEqual(
    ['c', 'e', 'd'].map((name) => room.tenant(name)),
    [OTHERS, 'e', OTHERS],
  )
})

test('plugins have a bound of their own, whoever has how many of them', () => {
  const room = new SeriesRoom(2)
  assert.deepEqual(
    ['one', 'two', 'three', 'one'].map((name) => room.plugin('a', name)),
    [
      ['a', 'one'],
      ['a', 'two'],
      ['a', OTHERS],
      ['a', 'one'],
    ],
  )
  room.tenant('b')
  assert.deepEqual(room.plugin('c', 'one'), [OTHERS, OTHERS])
  room.keepOnly(new Map([['b', null]]))
  assert.deepEqual(room.plugin('b', 'one'), ['b', 'one'], 'the room of plugins that are gone is free again')
})

test('of many tenants no more series are shown than there is room for, and nothing is lost', () => {
  const tenants = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { maxLength: 30 })
  fc.assert(
    fc.property(tenants, fc.integer({ min: 1, max: 10 }), (names, most) => {
      const room = new SeriesRoom(most)
      const shown = [...room.shown(names.map((name): Sample => [[room.tenant(name), 'x'], 1]))]
      assert.ok(shown.length <= most + 1)
      assert.equal(
        shown.reduce((sum, [, value]) => sum + Number(value), 0),
        names.length,
      )
      assert.equal(new Set(shown.map(([labels]) => labels.join())).size, shown.length)
    }),
  )
})

test('histograms that share a series are added up, and those that they are made of stay as they are', () => {
  const room = new SeriesRoom(1)
  const [one, other] = [new Histogram([1]), new Histogram([1])]
  one.observe(0.5)
  other.observe(2)
  room.tenant('a')
  const shown = [
    ...room.shown([
      [[room.tenant('b')], one],
      [[room.tenant('c')], other],
    ]),
  ]
  const sum = shown[0]?.[1] as Histogram
  assert.deepEqual([shown.length, sum.counts, sum.sum, one.counts], [1, [1, 1], 2.5, [1, 0]])
})
