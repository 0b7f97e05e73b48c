import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { METRICS, type MetricName, metricSpec } from '../../../src/observe/metric-table.ts'
import { METRIC_REFERENCE, metricReference } from '../../support/metric-reference.ts'

const NAMES = Object.keys(METRICS) as MetricName[]

test('the README of what is measured is what the table says', () => {
  assert.equal(
    readFileSync(METRIC_REFERENCE, 'utf8'),
    metricReference(),
    'run node test/support/metric-reference.ts',
  )
})

test('names are those that scrapers expect: ours or the process’s, counters with _total, base units', () => {
  for (const name of NAMES) {
    const { kind } = metricSpec(name)
    assert.match(name, /^(bulkhead|process)_[a-z]+(_[a-z]+)*$/)
    assert.equal(name.endsWith('_total'), kind === 'counter', name)
    assert.doesNotMatch(name, /_(ms|millis|kib|mib|minutes|hours|percent)(_|$)/)
  }
})

test('no family has the name of another, as OpenMetrics calls them', () => {
  const families = NAMES.map((name) => name.replace(/_total$/, ''))
  assert.equal(new Set(families).size, families.length)
  const parts = families.flatMap((name) => [`${name}_bucket`, `${name}_sum`, `${name}_count`])
  assert.deepEqual(
    parts.filter((part) => families.includes(part)),
    [],
  )
})

test('no label could name a client, a topic or a payload', () => {
  const labels = new Set(NAMES.flatMap((name) => [...metricSpec(name).labels]))
  for (const never of [
    'client',
    'client_id',
    'clientId',
    'topic',
    'filter',
    'username',
    'address',
    'payload',
  ]) {
    assert.ok(!(labels as ReadonlySet<string>).has(never), never)
  }
})
