import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tally } from '../../../src/base/tally.ts'

test('each name has its count, and what was never counted is 0', () => {
  const tally = new Tally<'a' | 'b' | 'c'>()
  for (const name of ['a', 'b', 'a'] as const) tally.count(name)
  assert.deepEqual(
    [[...tally], tally.of('c')],
    [
      [
        ['a', 2],
        ['b', 1],
      ],
      0,
    ],
  )
})
