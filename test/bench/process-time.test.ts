import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { cpuMicros } from './process-time.ts'

const linux = process.platform === 'linux'

test('CPU time counts for a process with its descendants', { skip: !linux && 'no /proc' }, async (t) => {
  const child = spawn(process.execPath, ['-e', 'for (;;);'])
  t.after(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  const pid = child.pid as number
  while (cpuMicros(pid) < 100_000) execFileSync(process.execPath, ['-e', ''])
  assert.ok(cpuMicros(process.pid) >= cpuMicros(pid))
})

test('a process that is gone has used nothing', { skip: !linux && 'no /proc' }, () => {
  assert.equal(cpuMicros(-1), 0)
})
