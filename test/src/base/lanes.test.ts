import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type LaneEntry, Lanes } from '../../../src/base/lanes.ts'

class Entry implements LaneEntry {
  next: LaneEntry | null = null
  isFirst = false
  isReady = false
  readonly #left: Entry[]

  constructor(left: Entry[]) {
    this.#left = left
  }

  leave(): void {
    this.#left.push(this)
  }
}

test('whatever becomes ready first, each lane is left in the order in which it was entered', () => {
  const keys = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 20 })
  const run = keys.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray([...list.keys()], { minLength: list.length, maxLength: list.length }),
    ),
  )
  fc.assert(
    fc.property(run, ([list, order]) => {
      const lanes = new Lanes()
      const left: Entry[] = []
      const entries = list.map(() => new Entry(left))
      entries.forEach((entry, place) => lanes.enter(list[place] as string, entry))
      for (const place of order) {
        const before = left.length
        lanes.ready(list[place] as string, entries[place] as Entry)
        // nobody of another lane moves, and who is ready and first does at once
        assert.ok(left.slice(before).every((each) => list[entries.indexOf(each)] === list[place]))
      }
      for (const key of new Set(list)) {
        const expected = entries.filter((_, place) => list[place] === key)
        assert.deepEqual(
          left.filter((each) => expected.includes(each)).map((each) => entries.indexOf(each)),
          expected.map((each) => entries.indexOf(each)),
        )
      }
      assert.equal(lanes.size, 0)
    }),
  )
})

test('who enters while the lane moves comes behind', () => {
  const lanes = new Lanes()
  const left: Entry[] = []
  const late = new Entry(left)
  class Opener extends Entry {
    override leave(): void {
      super.leave()
      lanes.enter('a', late)
      lanes.ready('a', late)
    }
  }
  const [first, second] = [new Opener(left), new Entry(left)]
  lanes.enter('a', first)
  lanes.enter('a', second)
  lanes.ready('a', first)
  assert.deepEqual(left, [first])
  lanes.ready('a', second)
  assert.deepEqual(left, [first, second, late])
  assert.equal(lanes.size, 0)
})
