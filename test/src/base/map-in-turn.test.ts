import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { mapInTurn } from '../../../src/base/map-in-turn.ts'

test('results are in the order of the items, and no more than so many are under way', async () => {
  let underWay = 0
  let most = 0
  const results = await mapInTurn([3, 1, 2, 0], 2, async (turns) => {
    underWay += 1
    most = Math.max(most, underWay)
    for (let turn = 0; turn < turns; turn += 1) await nextTurn()
    underWay -= 1
    return turns * 10
  })
  assert.deepEqual(results, [30, 10, 20, 0])
  assert.equal(most, 2)
})

test('a failure is thrown, and nothing new is begun after it', async () => {
  const begun: number[] = []
  const mapped = mapInTurn([0, 1, 2, 3, 4], 2, async (item) => {
    begun.push(item)
    await nextTurn()
    if (item === 1) throw new Error('no')
  })
  await assert.rejects(mapped, /^Error: no$/)
  await nextTurn()
  assert.deepEqual(begun, [0, 1, 2])
})

test('of nothing comes nothing', async () => {
  assert.deepEqual(await mapInTurn([], 4, () => Promise.reject(new Error('never'))), [])
})
