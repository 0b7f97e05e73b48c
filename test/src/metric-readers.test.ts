import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Histogram } from '../../src/base/histogram.ts'
import { Tally } from '../../src/base/tally.ts'
import { Headcount, Tallies, Traffic } from '../../src/base/traffic.ts'
import { TENANT_QUOTAS } from '../../src/config/quotas.ts'
import { type MeasuredRealm, type MetricSources, metricReaders } from '../../src/metric-readers.ts'
import { METRICS, type MetricName, metricSpec } from '../../src/observe/metric-table.ts'
import { SeriesRoom } from '../../src/observe/series-room.ts'
import { FakePlugin } from '../support/fake-plugins.ts'

/** A tenant with one plugin that was asked, and `scale` of everything. */
function realm(name: string, scale: number): MeasuredRealm {
  const traffic = new Traffic()
  for (const key of Object.keys(traffic) as Exclude<keyof Traffic, 'add'>[]) traffic[key] = scale
  const tallies = new Tallies()
  for (const tally of [tallies.dropped, tallies.refused, tallies.quotasMet]) tally.count('x')
  tallies.cells.count('started')
  const plugin = new FakePlugin('gate', ['authenticate'])
  const outcomes = new Tally<'ok'>()
  outcomes.count('ok')
  plugin.counts.questions.set('authenticate', { outcomes, seconds: new Histogram([1]) })
  return {
    name,
    headcount: new Headcount(),
    traffic,
    tallies,
    sessions: { size: scale },
    subscriptions: { size: scale },
    queueRoom: { messages: scale, bytes: scale },
    retainedBytes: scale,
    quotas: TENANT_QUOTAS,
    hooks: { cpuMs: scale * 1000, plugins: [plugin] },
  }
}

function sources(...realms: readonly MeasuredRealm[]): MetricSources {
  const [accepted, closed] = [new Tally(), new Tally()]
  accepted.count('mqtt')
  accepted.count('mqtt')
  closed.count('mqtt')
  const newcomers = { traffic: new Traffic(), tallies: new Tallies() }
  newcomers.traffic.packetsReceived = 5
  newcomers.tallies.refused.count('connect')
  return {
    realms: new Map(realms.map((each) => [each.name, each])),
    newcomers,
    listeners: [{ name: 'mqtt', turnedAway: { full: 3 } }],
    accepted,
    closed,
    engine: {
      retained: { count: () => 4 },
      writing: { commitSeconds: new Histogram([1]), batchOperations: new Histogram([1]) },
    },
    kvBytes: () => 6,
    cells: () => ({ running: 2, spare: 1, most: 9 }),
    status: () => ({ ready: true, uptimeSec: 7 }),
    pluginMetrics: () => [
      { tenant: 'acme', plugin: 'gate', kind: 'count', name: 'seen', value: 8 },
      { tenant: 'acme', plugin: 'gate', kind: 'gauge', name: 'depth', value: 9 },
    ],
    loopDelay: () => ({ p50: 0.01, p99: 0.1 }),
  }
}

const read = async (from: MetricSources, name: MetricName, most = 100) => [
  ...(await metricReaders(from, new SeriesRoom(most))[name]()),
]

test('every metric of the table is read, with as many labels as it has', async () => {
  const from = sources(realm('acme', 1))
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const samples = await read(from, name)
    assert.ok(samples.length > 0, name)
    for (const [labels] of samples) assert.equal(labels.length, metricSpec(name).labels.length, name)
  }
})

test('a tenant has its own numbers, and who has come to none is nobody’s', async () => {
  const from = sources(realm('acme', 1), realm('globex', 2))
  assert.deepEqual(await read(from, 'bulkhead_packets_received_total'), [
    [['acme'], 1],
    [['globex'], 2],
    [[''], 5],
  ])
  assert.deepEqual(await read(from, 'bulkhead_refusals_total'), [
    [['', 'connect'], 1],
    [['acme', 'x'], 1],
    [['globex', 'x'], 1],
  ])
  assert.deepEqual((await read(from, 'bulkhead_cell_cpu_seconds_total'))[1], [['globex'], 2])
})

test('past the bound tenants are one, whose numbers are the sums of theirs', async () => {
  const from = sources(...['a', 'b', 'c', 'd'].map((name) => realm(name, 2)))
  const readers = metricReaders(from, new SeriesRoom(2))
  assert.deepEqual(
    [...(await readers.bulkhead_sessions())],
    [
      [['a'], 2],
      [['b'], 2],
      [['_other'], 4],
    ],
  )
  assert.deepEqual([...(await readers.bulkhead_questions_total())].at(-1), [
    ['_other', '_other', 'authenticate', 'ok'],
    2,
  ])
  assert.deepEqual([...(await readers.bulkhead_metrics_folded())], [[[], 2]])
})

test('a bound that is none is not told, and of a listener what is open', async () => {
  const open = realm('acme', 1)
  const from = sources({ ...open, quotas: { ...TENANT_QUOTAS, connections: Infinity, sessions: 3 } })
  const limits = new Map(
    (await read(from, 'bulkhead_quota_limit')).map(([labels, most]) => [labels[1], most]),
  )
  assert.deepEqual([limits.has('connections'), limits.get('sessions')], [false, 3])
  assert.deepEqual(await read(from, 'bulkhead_listener_connections'), [[['mqtt'], 1]])
})
