import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, type Run, summarize } from './report.ts'

function run(perSec: number): Run {
  return { perSec, total: perSec, cpuMicros: 1, p50Ms: 1, p99Ms: null, startMs: null, memoryMiB: 1 }
}

test('the median is a figure that was measured', () => {
  assert.equal(median([30, 10, 20]), 20)
  assert.equal(median([40, 10, 20, 30]), 20)
})

test('everyone is compared with the better peer, by medians', () => {
  const [mosquitto, aedes, decided] = summarize(
    new Map([
      ['mosquitto', [run(100), run(90), run(500)]],
      ['aedes', [run(50)]],
      ['decided', [run(400)]],
    ]),
  )
  assert.equal(mosquitto?.ratio, 1)
  assert.equal(mosquitto?.spread, 4.1)
  assert.equal(aedes?.ratio, 0.5)
  assert.equal(decided?.ratio, 4)
})

test('what is kept is compared with the bare log', () => {
  const [fsync] = summarize(
    new Map([
      ['fsync', [run(100)]],
      ['log', [run(200)]],
    ]),
  )
  assert.equal(fsync?.share, 0.5)
  assert.equal(fsync?.ratio, null)
})

test('without a peer there is no ratio, and what was not measured stays unknown', () => {
  const [bare] = summarize(new Map([['bare', [run(10)]]]))
  assert.equal(bare?.ratio, null)
  assert.equal(bare?.p99Ms, null)
})
