import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cell, type Crossing } from '../../../sandbox/cell/cell.ts'
import { emptyHeader, type FrameHeader, FrameReader } from '../../../sandbox/wire/frames.ts'
import { ENTER, FRAME, FRAME_OUTCOMES, PENDING } from '../../../sandbox/wire/messages.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

interface Answered {
  readonly header: FrameHeader
  readonly outcome: string | undefined
  readonly body: string
}

/** A cell whose isolates answer what the test says, in order. */
function stage(...crossings: Crossing[]) {
  const entered: { operation: number; text: string; limitMs: number }[] = []
  let disposed = 0
  const looks: number[] = []
  const fullness: boolean[] = []
  const sent: Answered[] = []
  const send = (bytes: Uint8Array): void => {
    const reader = new FrameReader(1_000_000)
    reader.push(bytes)
    assert.equal(reader.next(), 'frame')
    const outcome = FRAME_OUTCOMES[reader.header.outcome]
    sent.push({ header: { ...reader.header }, outcome, body: new TextDecoder().decode(reader.body) })
  }
  const cell = new Cell(send, () => ({
    enter(operation, text, limitMs) {
      entered.push({ operation, text, limitMs })
      return crossings.shift() ?? { outcome: 'done', text: '[]' }
    },
    isFull(share) {
      looks.push(share)
      return fullness.shift() ?? false
    },
    dispose() {
      disposed += 1
    },
  }))
  const handle = (type: number, generation: number, text: string): Answered => {
    const header = { ...emptyHeader(), type, generation, instance: 3, epoch: 9, id: sent.length, count: 1 }
    cell.handle(header, new TextEncoder().encode(text))
    return sent.at(-1) ?? assert.fail('nothing was sent')
  }
  return { entered, handle, looks, fullness, disposed: () => disposed }
}

const LOAD = `${JSON.stringify({ limits: ISOLATE_LIMITS })}\ncode`
const done = (text: string): Crossing => ({ outcome: 'done', text })

test('each frame is answered by its kind, with the same epoch, instance, generation, id and count', () => {
  const { handle } = stage()
  const { header } = handle(FRAME.load, 7, LOAD)
  assert.deepEqual(
    { ...header, bodyBytes: 0 },
    { ...emptyHeader(), type: FRAME.loaded, generation: 7, instance: 3, epoch: 9, count: 1 },
  )
  assert.equal(handle(FRAME.hello, 0, '').header.type, FRAME.ready)
  assert.equal(handle(FRAME.probe, 0, LOAD).header.type, FRAME.probed)
  assert.equal(handle(FRAME.ask, 7, '[]').header.type, FRAME.answers)
  assert.equal(handle(FRAME.unload, 7, '').header.type, FRAME.unloaded)
})

test('a crossing that left promises is followed by one that collects them, each within the limit', () => {
  const { entered, handle } = stage(done('{}'), done(PENDING), done('[1]'))
  handle(FRAME.load, 1, LOAD)
  assert.equal(handle(FRAME.ask, 1, '[é]').body, '[1]')
  assert.deepEqual(entered.slice(1), [
    { operation: ENTER.ask, text: '[é]', limitMs: ISOLATE_LIMITS.softMs },
    { operation: ENTER.collect, text: '', limitMs: ISOLATE_LIMITS.softMs },
  ])
})

for (const outcome of ['timeout', 'memory'] as const) {
  test(`after ${outcome} the isolate is dropped, and nothing begins until it is loaded anew`, () => {
    const { handle, disposed } = stage(done('{}'), { outcome, text: '' })
    handle(FRAME.load, 1, LOAD)
    assert.equal(handle(FRAME.ask, 1, '[]').outcome, outcome)
    assert.equal(disposed(), 1)
    assert.equal(handle(FRAME.ask, 1, '[]').outcome, 'not-begun')
    handle(FRAME.load, 2, LOAD)
    assert.equal(handle(FRAME.ask, 1, '[]').outcome, 'not-begun')
    assert.equal(handle(FRAME.ask, 2, '[]').outcome, 'done')
  })
}

test('a frame that threw as a whole condemns its isolate: what it asked of the host is not known', () => {
  const { handle, disposed } = stage(done('{}'), { outcome: 'threw', text: 'unhandled' })
  handle(FRAME.load, 1, LOAD)
  assert.equal(handle(FRAME.ask, 1, '[]').body, 'unhandled')
  assert.equal(disposed(), 1)
})

test('a resumed frame enters the isolate that asked, and no other', () => {
  const { handle } = stage(done('{}'), done('[]'))
  handle(FRAME.load, 1, LOAD)
  assert.equal(handle(FRAME.resume, 1, '[1,1,null]').outcome, 'done')
  assert.equal(handle(FRAME.resume, 2, '[1,1,null]').outcome, 'not-begun')
})

test('an answer longer than the memory so far is sent whole', () => {
  const { handle } = stage(done('{}'), done(`["${'é'.repeat(100_000)}"]`))
  handle(FRAME.load, 1, LOAD)
  assert.equal(handle(FRAME.ask, 1, '[]').body.length, 100_004)
})

const LOOKED_AT = { ...ISOLATE_LIMITS, heapLookMs: 0 }
const loadWith = (settings: object): string => `${JSON.stringify(settings)}\ncode`

test('a probe tells where nothing but loading has filled the heap', () => {
  const { handle, fullness, disposed } = stage()
  fullness.push(true)
  assert.equal(handle(FRAME.probe, 0, LOAD).outcome, 'full')
  assert.equal(disposed(), 1)
})

test('a full isolate begins no question and says so; what waits in it goes on, until it is unloaded', () => {
  const { entered, handle, fullness, looks } = stage()
  handle(FRAME.load, 1, loadWith({ limits: LOOKED_AT, unmeasuredMs: 0 }))
  fullness.push(false, true)
  assert.equal(handle(FRAME.ask, 1, '[]').outcome, 'done')
  assert.equal(handle(FRAME.ask, 1, '[]').outcome, 'done', 'it is looked at when the answer is sent')
  const begun = entered.length
  assert.equal(handle(FRAME.ask, 1, '[]').outcome, 'full')
  assert.equal(handle(FRAME.ask, 1, '[]').outcome, 'full')
  assert.equal(entered.length, begun)
  assert.equal(handle(FRAME.resume, 1, '[]').outcome, 'done')
  assert.equal(handle(FRAME.unload, 1, '').outcome, 'done')
  assert.deepEqual(new Set(looks), new Set([ISOLATE_LIMITS.heapFullShare]))
  handle(FRAME.load, 2, loadWith({ limits: LOOKED_AT, unmeasuredMs: 0 }))
  assert.equal(handle(FRAME.ask, 2, '[]').outcome, 'done')
})

test('an isolate is not looked at while it would not be made anew, nor oftener than it may be', () => {
  const young = stage()
  young.handle(FRAME.load, 1, loadWith({ limits: LOOKED_AT, unmeasuredMs: 3_600_000 }))
  young.handle(FRAME.ask, 1, '[]')
  assert.deepEqual(young.looks, [])
  const seldom = stage()
  seldom.handle(FRAME.load, 1, loadWith({ limits: { ...LOOKED_AT, heapLookMs: 3_600_000 }, unmeasuredMs: 0 }))
  for (let frame = 0; frame < 3; frame += 1) seldom.handle(FRAME.ask, 1, '[]')
  assert.equal(seldom.looks.length, 1)
})
