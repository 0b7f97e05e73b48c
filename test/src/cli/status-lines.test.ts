import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusLines } from '../../../src/cli/status-lines.ts'

const STATUS = {
  ready: true,
  reasons: [],
  version: '1.2.3',
  pid: 77,
  uptimeSec: 12.9,
  connections: 2,
  sessions: 3,
  tenants: [{ tenant: 'acme', connections: 2, sessions: 3, queuedMessages: 4, queuedBytes: 2048 }],
}

test('how a broker is fits on a line for it and one for each tenant', () => {
  assert.deepEqual(statusLines(STATUS), [
    'ready: Bulkhead 1.2.3, process 77, up for 12 s',
    '2 connections, 3 sessions',
    '  acme: 2 connections, 3 sessions, 4 messages wait (2.0 KiB)',
  ])
})

test('one that is not ready says why, in characters that a terminal can be given', () => {
  const [first, why] = statusLines({ ...STATUS, ready: false, reasons: ['the disk \u001b[2J is full'] })
  assert.equal(first, 'not ready: Bulkhead 1.2.3, process 77, up for 12 s')
  assert.equal(why, '  the disk \\u001b[2J is full')
})
