import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { residentMiB } from '../../../../sandbox/host/cells/resident-memory.ts'

const skip = existsSync('/proc/self/stat') ? false : 'this system has no /proc'

test("a process's memory is what it has resident", { skip }, () => {
  const own = process.memoryUsage.rss() / 1_048_576
  const told = residentMiB(process.pid)
  assert.ok(told !== undefined && Math.abs(told - own) < 50, `${told} of ${own}`)
})

test('what runs behind a wrapper counts', { skip }, async (t) => {
  const program =
    "globalThis.held = Buffer.alloc(64 << 20, 1); console.log('held'); setInterval(() => 0, 1000)"
  const script = '"$1" -e "$2"; true'
  const wrapper = spawn('sh', ['-c', script, 'sh', process.execPath, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const pid = wrapper.pid ?? 0
  t.after(async () => {
    process.kill(-pid, 'SIGKILL')
    await once(wrapper, 'exit')
  })
  await once(wrapper.stdout, 'data')
  const held = residentMiB(pid)
  assert.ok(held !== undefined && held > 64, `${held}`)
})

test('a process that is not there has none', () => {
  assert.equal(residentMiB(2 ** 30), undefined)
})
