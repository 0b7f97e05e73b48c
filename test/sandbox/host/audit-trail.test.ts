import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AuditEntry, AuditTrail } from '../../../sandbox/host/audit-trail.ts'
import type { AuditRecord } from '../../../sandbox/index.ts'
import { AUDIT_WINDOW_MS, AUDIT_WINDOWS } from '../../../sandbox/limits.ts'

const entry = (where: string, more: Partial<AuditEntry> = {}): AuditEntry => {
  const base = {
    tenant: 't',
    plugin: 'p',
    digest: 'd',
    event: 'fault',
    outcome: 'threw',
    detail: '',
  } as const
  return { ...base, where, ...more }
}

function stage(): { trail: AuditTrail; lines: AuditRecord[] } {
  const lines: AuditRecord[] = []
  return { trail: new AuditTrail({ audit: (record) => void lines.push(record) }), lines }
}

const counted = (lines: readonly AuditRecord[]): [string, number][] =>
  lines.map(({ where, count }) => [where, count])

test('the first of its kind is a line at once, the others are one line more when the window closes', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { trail, lines } = stage()
  for (let fault = 0; fault < 5; fault += 1) trail.add(entry('authenticate', { detail: `no ${fault}` }))
  assert.deepEqual(counted(lines), [['authenticate', 1]])
  now = AUDIT_WINDOW_MS
  t.mock.timers.tick(AUDIT_WINDOW_MS)
  assert.deepEqual(counted(lines), [
    ['authenticate', 1],
    ['authenticate', 4],
  ])
  assert.equal(lines[1]?.detail, 'no 4')
})

test('one of its kind is one line', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { trail, lines } = stage()
  trail.add(entry('authenticate'))
  trail.stop()
  assert.deepEqual(counted(lines), [['authenticate', 1]])
})

test('what differs in tenant, plugin, event, place or outcome is of another kind', () => {
  const { trail, lines } = stage()
  trail.add(entry('load'))
  trail.add(entry('authenticate'))
  trail.add(entry('load', { tenant: 'u' }))
  trail.add(entry('load', { plugin: 'q' }))
  trail.add(entry('load', { outcome: 'timeout' }))
  trail.add(entry('load', { event: 'condemned' }))
  trail.stop()
  assert.equal(lines.length, 6)
})

test('whatever happens, the lines together stand for all that happened', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(AUDIT_WINDOW_MS)))
  fc.assert(
    fc.property(steps, (added) => {
      const { trail, lines } = stage()
      for (const [where, waitMs] of added) {
        now += waitMs
        trail.add(entry(where))
      }
      trail.stop()
      const count = lines.reduce((sum, line) => sum + line.count, 0)
      assert.equal(count, added.length)
    }),
  )
})

test('so many kinds are counted at once; past them the oldest count is written early', () => {
  const { trail, lines } = stage()
  trail.add(entry('first'))
  trail.add(entry('first'))
  for (let kind = 0; kind < AUDIT_WINDOWS; kind += 1) trail.add(entry(String(kind)))
  assert.deepEqual(
    counted(lines).filter(([where]) => where === 'first'),
    [
      ['first', 1],
      ['first', 1],
    ],
  )
  trail.stop()
})
