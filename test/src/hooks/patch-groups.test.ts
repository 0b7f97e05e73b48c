import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CheckedPatch } from '../../../sandbox/index.ts'
import { PatchGroups } from '../../../src/hooks/patch-groups.ts'

const everyone = (): boolean => true

/** What each of four gets: a patch, null, or nothing at all. */
function outcome(list: readonly (readonly [CheckedPatch, readonly number[]])[]): unknown {
  const groups = new PatchGroups(4)
  for (const [each, places] of list) groups.add(each, places)
  const made = groups.groups(everyone)
  return [0, 1, 2, 3].map((place) =>
    groups.isContradicted(place)
      ? 'contradicted'
      : (made.find(({ places }) => places.includes(place))?.patch ?? null),
  )
}

test('equal patches are one, whoever asked for them', () => {
  const groups = new PatchGroups(4)
  groups.add({ topic: 'a', payload: Buffer.from('x') }, [0, 1])
  groups.add({ payload: Buffer.from('x'), topic: 'a' }, [1, 3])
  assert.deepEqual(groups.groups(everyone), [
    { patch: { topic: 'a', payload: Buffer.from('x') }, places: [0, 1, 3] },
  ])
})

test('who is to get two different patches is contradicted, and stays so', () => {
  const groups = new PatchGroups(2)
  groups.add({ qos: 0 }, [0, 1])
  groups.add({ qos: 1 }, [1])
  groups.add({ qos: 0 }, [1])
  assert.deepEqual([groups.isContradicted(0), groups.isContradicted(1)], [false, true])
  assert.deepEqual(groups.groups(everyone), [{ patch: { qos: 0 }, places: [0] }])
})

test('a patch of nothing is none, and a group of nobody is none', () => {
  const groups = new PatchGroups(2)
  groups.add({}, [0, 1])
  groups.add({ retain: true }, [1])
  assert.deepEqual(
    groups.groups((place) => place === 0),
    [],
  )
  assert.equal(groups.isContradicted(1), false)
})

test('neither the order of groups nor their repetition matters', () => {
  const patch = fc.constantFrom<CheckedPatch>({}, { topic: 'a' }, { topic: 'b' }, { qos: 0, retain: false })
  const group = fc.tuple(patch, fc.uniqueArray(fc.nat({ max: 3 })))
  fc.assert(
    fc.property(fc.array(group, { maxLength: 6 }), (list) => {
      const expected = outcome(list)
      assert.deepEqual(outcome(list.toReversed()), expected)
      assert.deepEqual(outcome([...list, ...list]), expected)
    }),
  )
})
