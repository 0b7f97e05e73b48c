import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RawSide } from '../../../sandbox/host/answers.ts'
import { UnloadJob } from '../../../sandbox/host/unload-job.ts'

function stage(): { job: UnloadJob; lines: unknown[] } {
  const lines: unknown[] = []
  const sink = {
    answered: () => assert.fail(),
    condemned: () => assert.fail(),
    suspected: () => assert.fail(),
    giveBack: () => assert.fail(),
    waits: () => assert.fail(),
    heard: (side: RawSide) => lines.push(...side.lines) > 0,
  }
  return { job: new UnloadJob(sink, 1, 1), lines }
}

test('the last log lines of a plugin are kept, with or without an onClose', () => {
  const { job, lines } = stage()
  assert.equal(job.done('done', '{"a":[0],"l":[["info","bye"]]}'), true)
  assert.deepEqual(lines, [['info', 'bye']])
  assert.equal(stage().job.done('done', '[]'), true)
})

test('however else it ends, there is nothing to do; what no guest writes is refused', () => {
  assert.equal(stage().job.done('timeout', ''), true)
  assert.equal(stage().job.done('not-begun', ''), true)
  assert.equal(stage().job.done('done', '[0,0]'), false)
})
