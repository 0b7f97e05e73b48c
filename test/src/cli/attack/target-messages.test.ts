import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MARK } from '../../../../src/cli/attack/target-messages.ts'
import { openLog } from '../../../../src/observe/log.ts'

test('the mark is no field that a log line of the broker could have', () => {
  assert.equal(typeof openLog, 'function')
  assert.ok(!['level', 'time', 'msg', 'tenant', 'plugin', 'source', 'fields'].includes(MARK))
})
