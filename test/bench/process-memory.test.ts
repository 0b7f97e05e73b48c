import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryMiB } from './process-memory.ts'

const linux = process.platform === 'linux'

test('the memory of a process is what the system says of it', { skip: !linux && 'no /proc' }, () => {
  const held = memoryMiB(process.pid) ?? Number.NaN
  const known = process.memoryUsage.rss() / 2 ** 20
  assert.ok(held > known / 2 && held < known * 2, `${held} MiB, and not ${known}`)
})

test('a process that is gone holds nothing', () => {
  assert.equal(memoryMiB(-1), null)
})
