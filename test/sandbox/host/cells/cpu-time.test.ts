import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { cpuTimeMs } from '../../../../sandbox/host/cells/cpu-time.ts'
import { eventually } from '../../../support/processes.ts'

const skip = existsSync('/proc/self/stat') ? false : 'this system has no /proc'

test('the CPU time of a process is what it used, user and system', { skip }, () => {
  const { user, system } = process.cpuUsage()
  const told = cpuTimeMs(process.pid)
  assert.ok(told !== undefined && Math.abs(told - (user + system) / 1000) < 100)
})

test('what a process behind a wrapper burns counts', { skip, timeout: 20_000 }, async (t) => {
  const wrapper = spawn('sh', ['-c', 'sh -c "while :; do :; done"; true'], {
    stdio: 'ignore',
    detached: true,
  })
  const pid = wrapper.pid ?? 0
  t.after(async () => {
    process.kill(-pid, 'SIGKILL')
    await once(wrapper, 'exit')
  })
  await eventually(() => (cpuTimeMs(pid) ?? 0) >= 100)
})

test('a process that is not there has none', () => {
  assert.equal(cpuTimeMs(2 ** 30), undefined)
})
