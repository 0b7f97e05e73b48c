import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback } from '../../../src/base/loopback.ts'

test('what can be reached from this machine alone, in each way of writing it', () => {
  for (const host of ['localhost', '::1', '127.0.0.1', '127.8.9.10', '::ffff:127.0.0.1']) {
    assert.ok(isLoopback(host), host)
  }
  for (const host of ['', '0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', '128.0.0.1', '::ffff:10.0.0.1']) {
    assert.ok(!isLoopback(host), host)
  }
})
