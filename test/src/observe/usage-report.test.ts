import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_USAGE } from '../../../src/observe/usage-counts.ts'
import { usageCsv, usageOf } from '../../../src/observe/usage-report.ts'

const HOUR = usageOf('2026-03-01T14', { ...NO_USAGE, connectedMs: 90_000, bytesIn: 12, cpuMs: 1.6 })

test('an hour and a day say when they begin and how long they are; minutes are of all clients', () => {
  assert.deepEqual(
    [HOUR.from, HOUR.hours, HOUR.connectionMinutes, HOUR.cpuMs],
    ['2026-03-01T14:00:00.000Z', 1, 1.5, 2],
  )
  const day = usageOf('2026-02-28', NO_USAGE)
  assert.deepEqual([day.from, day.hours], ['2026-02-28T00:00:00.000Z', 24])
})

test('a table has a head, and a line a span', () => {
  assert.equal(
    usageCsv('acme', [HOUR]),
    'tenant,from,hours,connection_minutes,messages_in,messages_out,bytes_in,bytes_out,cpu_ms,kv_bytes\r\n' +
      'acme,2026-03-01T14:00:00.000Z,1,1.5,0,0,12,0,2,0\r\n',
  )
})
