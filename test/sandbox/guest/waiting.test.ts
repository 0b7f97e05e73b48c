import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Call } from '../../../sandbox/guest/call.ts'
import { Outbox } from '../../../sandbox/guest/outbox.ts'
import { WaitingCalls } from '../../../sandbox/guest/waiting.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

function stage(lateChars = ISOLATE_LIMITS.lateChars) {
  const outbox = new Outbox(ISOLATE_LIMITS)
  const waiting = new WaitingCalls(outbox, { ...ISOLATE_LIMITS, lateChars })
  const newCall = (): Call => {
    const call = new Call(ISOLATE_LIMITS)
    waiting.add(call)
    return call
  }
  /** Pairs, and effects by place. */
  const taken = (canWait: boolean): { s: unknown[]; x?: unknown[] } => {
    const text = waiting.take(canWait) + outbox.take()
    return { s: [], ...(JSON.parse(`{${text.slice(1)}}`) as object) }
  }
  return { outbox, waiting, newCall, taken }
}

test('what settled is told under its number, with its effects counted from -2 downwards', () => {
  const { outbox, waiting, newCall, taken } = stage()
  const [one, other] = [newCall(), newCall()]
  outbox.leave(one, 'publish', { n: 1 })
  outbox.leave(other, 'publish', { n: 2 })
  waiting.settle(other, '1', true)
  waiting.settle(one, '{"verdict":"deny"}', true)
  assert.deepEqual(taken(true), {
    s: [2, 1, 1, { verdict: 'deny' }],
    x: [
      [-2, 'publish', '{"n":2}'],
      [-3, 'publish', '{"n":1}'],
    ],
  })
  assert.ok(waiting.isEmpty)
})

test('only the first end of a call counts', () => {
  const { waiting, newCall, taken } = stage()
  const call = newCall()
  waiting.settle(call, '1', true)
  waiting.settle(call, '3', true)
  assert.deepEqual(taken(true).s, [1, 1])
  waiting.settle(call, '3', true)
  assert.deepEqual(taken(false).s, [])
})

test('with nothing outstanding, those that are left never settle', () => {
  const { newCall, taken } = stage()
  newCall()
  newCall()
  assert.deepEqual(taken(true).s, [])
  const { s } = taken(false)
  assert.deepEqual([s[0], s[2]], [1, 2])
  assert.match(String(s[1]), /^unsettled:/)
})

test('what the host has let go ends, once, and its effects do not happen', () => {
  const { outbox, waiting, newCall, taken } = stage()
  const call = newCall()
  outbox.leave(call, 'publish', {})
  waiting.letGo(7)
  waiting.letGo(1)
  waiting.letGo(1)
  assert.ok(call.ended)
  const { s, x } = taken(true)
  assert.deepEqual([s.length, s[0], x], [2, 1, undefined])
})

test('answers that are too long together are refused, the short ones among them not', () => {
  const { waiting, newCall, taken } = stage(100)
  const calls = [newCall(), newCall(), newCall()]
  const long = JSON.stringify('x'.repeat(80))
  for (const call of calls) waiting.settle(call, call === calls[2] ? '1' : long, true)
  const { s } = taken(true)
  assert.deepEqual(
    [s[1], s[3]].map((each) => String(each).slice(0, 12)),
    ['xxxxxxxxxxxx', 'bad-verdict:'],
  )
})

type Step = readonly [does: 'add' | 'settle' | 'letGo' | 'take', which: number]
const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom('add', 'settle', 'letGo', 'take'), fc.nat(15))

test('whatever happens in whatever order, each call that waited is told once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { waiting, newCall, taken } = stage()
      const calls: Call[] = []
      const told: unknown[] = []
      const tell = (canWait: boolean): void => {
        told.push(...taken(canWait).s.filter((_, index) => index % 2 === 0))
      }
      for (const [does, which] of steps) {
        const call = calls[which]
        if (does === 'add') calls.push(newCall())
        else if (does === 'take') tell(true)
        else if (does === 'letGo') waiting.letGo(which)
        else if (call !== undefined) waiting.settle(call, '1', true)
      }
      tell(false)
      assert.ok(waiting.isEmpty)
      assert.deepEqual(
        told.toSorted((one, other) => Number(one) - Number(other)),
        calls.map(({ number }) => number),
      )
    }),
  )
})
