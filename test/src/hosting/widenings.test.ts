import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { widenings } from '../../../src/hosting/widenings.ts'

type Powers = Parameters<typeof widenings>[0]
const of = (powers: object): Powers => powers

for (const [what, before, after, expected] of [
  ['a power that is new', {}, { log: true }, ['log']],
  ['a number that is larger', { kv: { bytes: 1 } }, { kv: { bytes: 2 } }, ['kv.bytes']],
  ['a list with more in it', { fetch: { hosts: ['a'] } }, { fetch: { hosts: ['a', 'b'] } }, ['fetch.hosts']],
  ['a bound that is gone', { kv: { bytes: 1 } }, { kv: {} }, ['kv.bytes']],
  ['all bounds gone', { kv: { bytes: 1 } }, { kv: true }, ['kv']],
  ['something of another type', { kv: { bytes: 1 } }, { kv: { bytes: '1' } }, ['kv.bytes']],
  [
    'less of everything',
    { kv: { bytes: 2 }, log: true, fetch: { hosts: ['a', 'b'] } },
    { kv: { bytes: 1 }, fetch: { hosts: ['b'] } },
    [],
  ],
  ['bounds where there were none', { kv: true }, { kv: { bytes: 1 } }, []],
  [
    'a name that objects have by themselves',
    {},
    JSON.parse('{"constructor":true}') as object,
    ['constructor'],
  ],
] as const)
  test(`${what} needs ${expected.length === 0 ? 'no consent' : 'consent'}`, () => {
    const found = widenings(of(before), of(after)).map(({ capability, bound }) =>
      bound === '' ? capability : `${capability}.${bound}`,
    )
    assert.deepEqual(found, expected)
  })

const powers = fc.dictionary(
  fc.constantFrom('log', 'kv', 'fetch'),
  fc.oneof(
    fc.constant(true),
    fc.record({ bytes: fc.nat(4), hosts: fc.subarray(['a', 'b', 'c']) }, { requiredKeys: [] }),
  ),
)

test('the same again never needs consent; and what widens nothing on two steps widens nothing on both', () => {
  fc.assert(fc.property(powers, (one) => assert.deepEqual(widenings(of(one), of(one)), [])))
  fc.assert(
    fc.property(powers, powers, powers, (one, two, three) => {
      fc.pre(widenings(of(one), of(two)).length === 0 && widenings(of(two), of(three)).length === 0)
      assert.deepEqual(widenings(of(one), of(three)), [])
    }),
  )
})
