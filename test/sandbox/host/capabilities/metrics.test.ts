import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricsPower } from '../../../../sandbox/host/capabilities/metrics.ts'
import { METRIC_NAMES } from '../../../../sandbox/limits.ts'
import { holder } from '../../../support/holder.ts'

function opened(): { report(op: string, name: unknown, value: unknown): void; reported: unknown[][] } {
  const reported: unknown[][] = []
  const power = metricsPower(holder(), (...args) => void reported.push(args))
  return { report: (op, name, value) => power.release?.({ op, name, value }, 0), reported }
}

test('counters and gauges are reported under the names of tenant and plugin', () => {
  const { report, reported } = opened()
  report('count', 'seen', 2)
  report('gauge', 'depth_2', -1.5)
  assert.deepEqual(reported, [
    ['acme', 'gate', 'count', 'seen', 2],
    ['acme', 'gate', 'gauge', 'depth_2', -1.5],
  ])
})

test('names have one form, values are numbers, counters go up', () => {
  const { report, reported } = opened()
  const wrong: readonly (readonly [string, unknown, unknown])[] = [
    ['count', '', 1], ['count', 'A', 1], ['count', '1a', 1], ['count', 'a-b', 1], ['count', 'a\n', 1],
    ['count', 'x'.repeat(65), 1], ['count', 7, 1], ['count', 'a', 0], ['count', 'a', -1], ['count', 'a', '1'],
    ['gauge', 'a', null], ['gauge', 'a', Number.NaN], ['gauge', 'a', Number.POSITIVE_INFINITY],
    ['sum', 'a', 1],
  ] // biome-ignore format: a table
  for (const [op, name, value] of wrong) {
    assert.throws(() => report(op, name, value), { name: 'Refusal', code: 'invalid' })
  }
  assert.deepEqual(reported, [])
})

test('a name is a counter or a gauge, and never both', () => {
  const { report } = opened()
  report('count', 'a', 1)
  assert.throws(() => report('gauge', 'a', 1), { name: 'Refusal', code: 'invalid', message: /already/ })
})

test('a plugin has so many names; what it has it may go on to use', () => {
  const { report, reported } = opened()
  for (let name = 0; name < METRIC_NAMES; name += 1) report('gauge', `m${name}`, name)
  assert.throws(() => report('gauge', 'more', 1), { name: 'Refusal', code: 'limit' })
  report('gauge', 'm0', 7)
  assert.equal(reported.length, METRIC_NAMES + 1)
})
