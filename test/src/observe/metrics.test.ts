import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Histogram } from '../../../src/base/histogram.ts'
import { METRIC_SAMPLES_A_TURN } from '../../../src/base/limits.ts'
import { METRICS, type MetricName } from '../../../src/observe/metric-table.ts'
import {
  type MetricReaders,
  Metrics,
  metricsTypeFor,
  OPENMETRICS_TEXT,
  PROMETHEUS_TEXT,
} from '../../../src/observe/metrics.ts'

/** Readers of nothing, but for those that are given. */
function readers(given: Partial<MetricReaders>): MetricReaders {
  const none = Object.keys(METRICS).map((name) => [name, () => []] as const)
  return { ...(Object.fromEntries(none) as unknown as MetricReaders), ...given }
}

test('a counter is named with its suffix in both forms, its family without it in OpenMetrics alone', async () => {
  const metrics = new Metrics(readers({ bulkhead_connects_total: () => [[['acme'], 3]] }))
  assert.equal(
    await metrics.text(PROMETHEUS_TEXT),
    '# HELP bulkhead_connects_total Clients that were admitted.\n' +
      '# TYPE bulkhead_connects_total counter\n' +
      'bulkhead_connects_total{tenant="acme"} 3\n',
  )
  assert.equal(
    await metrics.text(OPENMETRICS_TEXT),
    '# HELP bulkhead_connects Clients that were admitted.\n' +
      '# TYPE bulkhead_connects counter\n' +
      'bulkhead_connects_total{tenant="acme"} 3\n# EOF\n',
  )
})

test('a histogram tells each bound with all that is below it', async () => {
  const seconds = new Histogram([0.1, 1])
  for (const value of [0.0625, 0.5, 0.5, 8]) seconds.observe(value)
  const text = await new Metrics(
    readers({ bulkhead_question_seconds: () => [[['acme', 'gate', 'authenticate'], seconds]] }),
  ).text(PROMETHEUS_TEXT)
  const of = 'tenant="acme",plugin="gate",hook="authenticate"'
  assert.deepEqual(text.split('\n').slice(2, -1), [
    `bulkhead_question_seconds_bucket{${of},le="0.1"} 1`,
    `bulkhead_question_seconds_bucket{${of},le="1"} 3`,
    `bulkhead_question_seconds_bucket{${of},le="+Inf"} 4`,
    `bulkhead_question_seconds_sum{${of}} 9.0625`,
    `bulkhead_question_seconds_count{${of}} 4`,
  ])
})

test('many samples of one metric are one family, and other work has its turn between', async () => {
  const count = 3 * METRIC_SAMPLES_A_TURN + 1
  const sessions = Array.from({ length: count }, (_, place) => [[`t${place}`], place] as const)
  let turns = 0
  let isOver = false
  const turn = (): void => {
    turns += 1
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  const text = await new Metrics(readers({ bulkhead_sessions: () => sessions })).text(PROMETHEUS_TEXT)
  isOver = true
  const lines = text.trimEnd().split('\n')
  assert.equal(lines.filter((line) => line.startsWith('#')).length, 2)
  assert.equal(lines.at(-1), `bulkhead_sessions{tenant="t${count - 1}"} ${count - 1}`)
  assert.equal(lines.length, 2 + count)
  assert.ok(turns >= 3, `${turns} turns`)
})

test('what a plugin calls its own stays within its quotes', async () => {
  const name = 'x"} 1\nforged{a="\\'
  const text = await new Metrics(
    readers({ bulkhead_plugin_gauge: () => [[['acme', 'gate', name], 1]] }),
  ).text(PROMETHEUS_TEXT)
  const [line, end] = text.split('\n').slice(2)
  assert.equal(line, 'bulkhead_plugin_gauge{tenant="acme",plugin="gate",name="x\\"} 1\\nforged{a=\\"\\\\"} 1')
  assert.equal(end, '')
})

test('who asks while it is written gets the same text, and who asks later a new one', async () => {
  let reads = 0
  const metrics = new Metrics(
    readers({
      bulkhead_ready: () => {
        reads += 1
        return [[[], reads]]
      },
    }),
  )
  const [one, other] = await Promise.all([metrics.text(PROMETHEUS_TEXT), metrics.text(PROMETHEUS_TEXT)])
  assert.equal(one, other)
  assert.match(await metrics.text(PROMETHEUS_TEXT), /^bulkhead_ready 2$/m)
})

test('OpenMetrics is for who asks for it', () => {
  const accepted: readonly [string | undefined, string][] = [
    [undefined, PROMETHEUS_TEXT],
    ['*/*', PROMETHEUS_TEXT],
    ['application/openmetrics-text;version=1.0.0,text/plain;q=0.5', OPENMETRICS_TEXT],
  ]
  for (const [accept, type] of accepted) assert.equal(metricsTypeFor(accept), type)
})

test('every metric that has a sample is told under its name', async () => {
  const names = Object.keys(METRICS) as MetricName[]
  const all = Object.fromEntries(names.map((name) => [name, () => [[[], 1]]])) as unknown as MetricReaders
  const text = await new Metrics(all).text(PROMETHEUS_TEXT)
  for (const name of names) assert.match(text, new RegExp(`^${name}[ {]`, 'm'))
})
