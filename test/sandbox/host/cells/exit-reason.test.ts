import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeExit } from '../../../../sandbox/host/cells/exit-reason.ts'

test('a signal is named, whether the process or a wrapper around it tells', () => {
  assert.equal(describeExit(null, 'SIGABRT'), 'SIGABRT')
  assert.equal(describeExit(134, null), 'SIGABRT')
  assert.equal(describeExit(137, null), 'SIGKILL')
})

test('an exit code is told as it is', () => {
  assert.equal(describeExit(1, null), 'exit code 1')
  assert.equal(describeExit(255, null), 'exit code 255')
})
