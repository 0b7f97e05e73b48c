import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reloadLines } from '../../../src/cli/reload-lines.ts'

test('each change has a line, then what was opened anew, what waits for a restart, and whether it happened', () => {
  const changes = [
    { what: 'changed', key: 'drainSec', place: 'b.yaml:1:9', before: '5', after: '6', needsRestart: true },
    { what: 'removed', key: 'tenants.acme', needsRestart: false },
  ] as const
  assert.deepEqual(reloadLines({ isApplied: true, changes, reopened: ['zoo'], needsRestart: ['drainSec'] }), [
    'changed drainSec: 5 → 6 (b.yaml:1:9)',
    'removed tenants.acme',
    'plugins opened anew: zoo',
    'holds after a restart: drainSec',
    'the config was read anew',
  ])
  assert.deepEqual(reloadLines({ isApplied: false, changes: [], reopened: [], needsRestart: [] }), [
    'nothing was changed: this was a dry run',
  ])
})
