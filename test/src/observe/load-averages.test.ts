import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoadAverages } from '../../../src/observe/load-averages.ts'

test('a steady load is what comes in a minute, sooner over the short span', () => {
  const load = new LoadAverages()
  load.update(10, 10)
  const [[, one], [, five], [, fifteen]] = load.values as [
    [string, string],
    [string, string],
    [string, string],
  ]
  // 60 a minute, and a sixth of a minute of each span
  assert.deepEqual([one, five, fifteen], ['9.21', '1.97', '0.66'])
  for (let total = 20; total <= 20_000; total += 10) load.update(total, 10)
  assert.deepEqual(load.values, [
    ['1min', '60.00'],
    ['5min', '60.00'],
    ['15min', '60.00'],
  ])
})

test('once nothing comes any more, a load fades away', () => {
  const load = new LoadAverages()
  load.update(1000, 10)
  for (let times = 0; times < 1000; times += 1) load.update(1000, 10)
  assert.deepEqual(load.values[0], ['1min', '0.00'])
})
