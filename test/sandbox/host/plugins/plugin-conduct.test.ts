import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AuditTrail } from '../../../../sandbox/host/audit-trail.ts'
import { PluginConduct } from '../../../../sandbox/host/plugins/plugin-conduct.ts'
import { type AuditRecord, OUTCOMES } from '../../../../sandbox/index.ts'

function stage(): { conduct: PluginConduct; lines: AuditRecord[] } {
  const lines: AuditRecord[] = []
  const trail = new AuditTrail({ audit: (record) => void lines.push(record) })
  return { conduct: new PluginConduct({ tenant: 't', plugin: 'p', digest: 'd' }, trail), lines }
}

test('what condemns and what only fails are told apart; what is nobody’s fault is not in the audit', () => {
  const { conduct, lines } = stage()
  for (const outcome of OUTCOMES) conduct.faulted('authenticate', outcome, '')
  const of = (event: string): string[] =>
    lines.filter((line) => line.event === event).map(({ outcome }) => outcome)
  assert.deepEqual(of('condemned'), ['timeout', 'deadline', 'memory', 'crash'])
  assert.deepEqual(of('fault'), ['threw', 'unsettled', 'bad-verdict', 'throttled', 'overload'])
  assert.equal(lines.length, 9)
})

test('a source that is blocked, a quarantine and its end are in the audit', () => {
  const { conduct, lines } = stage()
  for (let strike = 0; strike < 3; strike += 1)
    assert.equal(conduct.struck('client eve', 'timeout'), undefined)
  assert.equal(conduct.isBlocked('client eve'), true)
  assert.equal(conduct.struck('client ann', 'timeout'), undefined)
  const reason = conduct.struck('client bob', 'timeout')
  assert.equal(reason, 'timeout, caused by several sources')
  conduct.quarantined(reason)
  conduct.released()
  assert.deepEqual(
    lines.map(({ event, detail }) => [event, detail]),
    [
      ['blocked', 'its source: client eve'],
      ['quarantined', 'timeout, caused by several sources'],
      ['released', 'on probation'],
    ],
  )
})

test('an isolate made anew is in the audit without an outcome: it is no fault', () => {
  const { conduct, lines } = stage()
  conduct.renewed('its heap')
  assert.deepEqual(
    lines.map(({ event, where, outcome, detail }) => [event, where, outcome, detail]),
    [['renewed', '', '', 'its heap']],
  )
})

test('a refused power is in the audit under its name, bounded', () => {
  const { conduct, lines } = stage()
  conduct.denied('x'.repeat(1000), 'y'.repeat(10_000))
  assert.deepEqual([lines[0]?.event, lines[0]?.where.length], ['capability.denied', 32])
})
