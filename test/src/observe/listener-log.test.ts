import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listenerLog } from '../../../src/observe/listener-log.ts'
import type { LogLine } from '../../../src/observe/log.ts'

test('a line says which listener turned whom away, and whether its certificates are new', () => {
  const lines: (LogLine & { readonly level: string; readonly tenant: string })[] = []
  const log = listenerLog({
    write: (level, tenant, line) => void lines.push({ level, tenant, ...line() }),
    written: () => Promise.resolve(),
  })
  log.turnedAway('in', 'handshake', '192.0.2.7', 'a\nb')
  log.renewed('in', null)
  log.renewed('in', 'no such file')
  assert.deepEqual(
    lines.map(({ level, tenant, fields }) => ({ level, tenant, ...fields })),
    [
      { level: 'warn', tenant: '', listener: 'in', remoteAddress: '192.0.2.7', why: 'handshake' },
      { level: 'info', tenant: '', listener: 'in' },
      { level: 'error', tenant: '', listener: 'in', detail: 'no such file' },
    ],
  )
  assert.ok(lines.every(({ text }) => !text.includes('\n')))
})
