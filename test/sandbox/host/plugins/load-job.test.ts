import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoadJob } from '../../../../sandbox/host/plugins/load-job.ts'
import type { RawLoaded } from '../../../../sandbox/host/questions/answers.ts'

function stage(kind: 'load' | 'probe' = 'load'): { job: LoadJob; told: unknown[][] } {
  const told: unknown[][] = []
  const sink = {
    loaded: (loaded: RawLoaded) => told.push(['loaded', loaded.failure]) > 0,
    loadFailed: (outcome: string, detail: string) => void told.push([outcome, detail]),
  }
  return { job: new LoadJob(sink, kind, 1, 1, 100), told }
}

test('its end is told once, by whatever came first', () => {
  const late = stage()
  late.job.overdue()
  late.job.done('done', '{}')
  late.job.lost(true, 'crash')
  assert.deepEqual(
    late.told.map(([word]) => word),
    ['deadline'],
  )
  const well = stage()
  assert.equal(well.job.done('done', '{"e":"no"}'), true)
  assert.deepEqual(well.told, [['loaded', 'no']])
})

test('a load that had not begun when its cell ended is nobody’s fault', () => {
  const { job, told } = stage()
  job.lost(false, 'crash')
  assert.deepEqual(told, [])
})

test('a limit is a failure; an answer that no guest writes is refused', () => {
  const { job, told } = stage()
  job.done('timeout', '')
  assert.deepEqual(told, [['timeout', 'while it was loaded']])
  assert.equal(stage().job.done('done', '[]'), false)
  assert.equal(stage().job.done('not-begun', ''), false)
  assert.equal(stage().job.done('full', ''), false)
})

test('a heap that is nearly full once a plugin is loaded is found by a probe', () => {
  const { job, told } = stage('probe')
  assert.equal(job.done('full', ''), true)
  assert.deepEqual(told, [['memory', 'its heap is nearly full as soon as it is loaded']])
})
