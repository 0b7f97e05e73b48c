import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PerSecond } from '../../../../sandbox/host/per-second.ts'
import { PluginReports } from '../../../../sandbox/host/plugins/plugin-reports.ts'
import { FAULTS_REPORTED_PER_SEC } from '../../../../sandbox/limits.ts'
import { recordingObserver } from '../../../support/recording-observer.ts'

const CONDUCT = { faulted: () => undefined, denied: () => undefined, decided: () => undefined }

test('lines pass within the budget, the others are counted and told, odd ones are dropped', (t) => {
  t.mock.method(performance, 'now', () => 5000)
  const { observer, told } = recordingObserver()
  const reports = new PluginReports(observer, 't', 'gate', '', new PerSecond(3), CONDUCT)
  reports.logged(
    [
      ['info', 'one'],
      ['fatal', 'odd'],
      ['info', 'two'],
    ],
    4,
  )
  assert.deepEqual(
    told.map(({ args }) => args.slice(2)),
    [
      ['info', 'one', undefined],
      ['info', 'two', undefined],
      ['warn', 'log lines dropped: over the budget, or without the capability log', { dropped: 5 }],
    ],
  )
})

test('faults are reported so many a second, and the next one says how many were not', (t) => {
  let now = 5000
  t.mock.method(performance, 'now', () => now)
  const { observer, told } = recordingObserver()
  const reports = new PluginReports(observer, 't', 'gate', '', new PerSecond(3), CONDUCT)
  for (let fault = 0; fault < FAULTS_REPORTED_PER_SEC + 5; fault += 1) {
    reports.faulted('authorizePublish', 'threw', 'no')
  }
  assert.equal(told.length, FAULTS_REPORTED_PER_SEC)
  now += 1000
  reports.faulted('authorizePublish', 'threw', 'no')
  assert.equal(told.at(-1)?.args[4], 'no (and 5 faults that were not reported)')
})

test('bugs of ours are told with where they are, within the budget of the faults', (t) => {
  t.mock.method(performance, 'now', () => 5000)
  const { observer, told } = recordingObserver()
  const reports = new PluginReports(observer, 't', 'gate', '', new PerSecond(3), CONDUCT)
  for (let use = 0; use < FAULTS_REPORTED_PER_SEC + 5; use += 1) reports.broke('kv', new TypeError('ours'))
  assert.equal(told.length, FAULTS_REPORTED_PER_SEC)
  const { what, args } = told[0] ?? assert.fail()
  assert.deepEqual([what, ...args.slice(0, 3)], ['powerBroke', 't', 'gate', 'kv'])
  assert.match(String(args[3]), /^TypeError: ours\n +at .*plugin-reports\.test\.ts/)
})
