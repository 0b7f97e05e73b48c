import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealBundle } from '../../../../sandbox/bundle/bundle-file.ts'
import { CallBudget } from '../../../../sandbox/host/capabilities/call-budget.ts'
import type { Job } from '../../../../sandbox/host/cells/job.ts'
import type { PreparedPlugin } from '../../../../sandbox/host/host-ports.ts'
import { PerSecond } from '../../../../sandbox/host/per-second.ts'
import { PluginFrames } from '../../../../sandbox/host/plugins/plugin-frames.ts'
import { PluginPowers } from '../../../../sandbox/host/plugins/plugin-powers.ts'
import { PluginReports } from '../../../../sandbox/host/plugins/plugin-reports.ts'
import { Tenure } from '../../../../sandbox/host/plugins/tenure.ts'
import { AnswerDesk } from '../../../../sandbox/host/questions/answer-desk.ts'
import { newQuestion } from '../../../../sandbox/host/questions/question.ts'
import { QuestionQueue } from '../../../../sandbox/host/questions/question-queue.ts'
import { DEFAULT_LIMITS } from '../../../../sandbox/index.ts'
import { checkManifest } from '../../../../sandbox/manifest/check-manifest.ts'
import { FRAME, type LoadSettings, TIMER } from '../../../../sandbox/wire/messages.ts'
import { recordingObserver } from '../../../support/recording-observer.ts'

const SINK = { loaded: () => true, loadFailed: () => undefined }
const CONDUCT = { faulted: () => undefined, denied: () => undefined, decided: () => undefined }
const budget = new CallBudget('calls', 1, 10)
const manifest = checkManifest({ values: {}, functions: ['authorizePublish'] }, { folder: 'p' })
const bundle = sealBundle('code', '', manifest)

function stage(built: PreparedPlugin['bundle'] = bundle) {
  const plugin = { name: 'p', bundle: built, config: {}, capabilities: {}, secrets: {} }
  const spec = { tenant: 't', plugins: [plugin], limits: DEFAULT_LIMITS, jit: false }
  const powers = new PluginPowers(spec, plugin, { fetches: budget, sourceCalls: budget }, () => true)
  const reports = new PluginReports(recordingObserver().observer, 't', 'p', '', new PerSecond(1), CONDUCT)
  const owner = {
    isStopped: false,
    inTurn: () => undefined,
    wake: () => undefined,
    giveBack: () => undefined,
    struck: () => undefined,
    suspected: () => undefined,
    condemned: () => undefined,
    full: () => undefined,
    setUp: () => undefined,
    setupFailed: () => undefined,
  }
  const tenure = new Tenure(60_000)
  const queue = new QuestionQueue(8)
  const desk = new AnswerDesk(owner, powers, reports, DEFAULT_LIMITS)
  const submitted: { job: Job; body: string }[] = []
  const cell = { submit: (job: Job, body: string) => void submitted.push({ job, body }) }
  return { frames: new PluginFrames(spec, plugin, 5, tenure, desk, queue), tenure, queue, cell, submitted }
}

const ask = (queue: QuestionQueue, hook: number): boolean =>
  queue.ask(newQuestion(hook, null, '{}', null, 0, {}, 0))

test('nothing is asked of an isolate that is not there, then all that fits, in one frame to it', () => {
  const { frames, tenure, queue, cell, submitted } = stage()
  ask(queue, 1)
  ask(queue, 1)
  assert.equal(frames.ask(cell, 0), false)
  assert.equal(frames.load(cell, SINK), true)
  tenure.serve()
  assert.equal(frames.ask(cell, 0), true)
  assert.equal(frames.ask(cell, 0), false)
  assert.equal(frames.resume(cell), false)
  frames.unload(cell, () => undefined)
  assert.deepEqual(
    submitted.map(({ job }) => [job.type, job.instance, job.generation, job.count]),
    [
      [FRAME.load, 5, 1, 0],
      [FRAME.ask, 5, 1, 2],
      [FRAME.unload, 5, 1, 0],
    ],
  )
})

test('the next isolate hears of no timer of the last, and for how long it need not look at its heap', () => {
  const { frames, tenure, queue, cell, submitted } = stage()
  frames.load(cell, SINK)
  tenure.serve()
  ask(queue, TIMER)
  ask(queue, 1)
  tenure.leave(performance.now(), 0)
  frames.load(cell, SINK)
  assert.equal(queue.length, 1)
  const [first, second] = submitted.map(({ body }) => JSON.parse(body.split('\n')[0] ?? '') as LoadSettings)
  assert.equal(first?.unmeasuredMs, 0)
  assert.ok((second?.unmeasuredMs ?? 0) > 0)
})

test('what did not build is not loaded', () => {
  const { frames, cell, submitted, tenure } = stage(null)
  assert.equal(frames.load(cell, SINK), false)
  assert.deepEqual([submitted.length, tenure.generation], [0, 0])
})
