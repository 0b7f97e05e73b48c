import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRICS_PER_PLUGIN } from '../../../src/base/limits.ts'
import { PluginMetrics } from '../../../src/observe/plugin-metrics.ts'

test('counters add up, gauges are what they were last; tenants and plugins have their own', () => {
  const metrics = new PluginMetrics()
  metrics.report('acme', 'gate', 'count', 'seen', 1)
  metrics.report('acme', 'gate', 'count', 'seen', 2.5)
  metrics.report('acme', 'gate', 'gauge', 'depth', 9)
  metrics.report('acme', 'gate', 'gauge', 'depth', -1)
  metrics.report('acme', 'other', 'count', 'seen', 7)
  metrics.report('globex', 'gate', 'count', 'seen', 8)
  assert.deepEqual(
    metrics.read().map(({ tenant, plugin, kind, name, value }) => [tenant, plugin, kind, name, value]),
    [
      ['acme', 'gate', 'count', 'seen', 3.5],
      ['acme', 'gate', 'gauge', 'depth', -1],
      ['acme', 'other', 'count', 'seen', 7],
      ['globex', 'gate', 'count', 'seen', 8],
    ],
  )
})

test('names are bounded, and sums stay numbers', () => {
  const metrics = new PluginMetrics()
  for (let name = 0; name < 2 * METRICS_PER_PLUGIN; name += 1) {
    metrics.report('acme', 'gate', 'gauge', `m${name}`, name)
  }
  assert.equal(metrics.read().length, METRICS_PER_PLUGIN)
  for (let time = 0; time < 3; time += 1) metrics.report('acme', 'sum', 'count', 'n', Number.MAX_VALUE)
  assert.equal(metrics.read().at(-1)?.value, Number.MAX_VALUE)
})
