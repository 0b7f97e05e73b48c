import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeAtOnce } from '../../../../sandbox/host/cells/job.ts'

test('what is judged at once is judged to its end, and says what the end says', () => {
  for (const isOurs of [true, false]) {
    const told: string[] = []
    const judging = (function* () {
      yield 1
      yield 2
      told.push('the end')
      return isOurs
    })()
    assert.deepEqual([judgeAtOnce(judging), told], [isOurs, ['the end']])
  }
})
