import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { cpuTimeMs } from '../../../sandbox/host/cpu-time.ts'

const skip = existsSync('/proc/self/stat') ? false : 'this system has no /proc'

test('the CPU time of a process is what it used, user and system', { skip }, () => {
  const { user, system } = process.cpuUsage()
  const told = cpuTimeMs(process.pid)
  assert.ok(told !== undefined && Math.abs(told - (user + system) / 1000) < 100)
})

test('a process that is not there has none', () => {
  assert.equal(cpuTimeMs(2 ** 30), undefined)
})
