import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Call } from '../../../sandbox/guest/call.ts'
import { Outbox } from '../../../sandbox/guest/outbox.ts'
import type { IsolateLimits } from '../../../sandbox/wire/messages.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

interface Side {
  readonly c?: readonly (readonly [call: number, caller: number, power: string, argument: string])[]
  readonly x?: readonly (readonly [place: number, power: string, argument: string])[]
  readonly n?: readonly (readonly [power: string, text: string])[]
}

function taken(outbox: Outbox): Side {
  const text = outbox.take()
  return JSON.parse(text === '' ? '{}' : `{${text.slice(1)}}`) as Side
}

const stage = (change: Partial<IsolateLimits> = {}): { outbox: Outbox; newCall(): Call } => {
  const limits = { ...ISOLATE_LIMITS, ...change }
  return { outbox: new Outbox(limits), newCall: () => new Call(limits) }
}
const asIs = (value: unknown): unknown => value

test('a call of the host carries the number of who waits for it, and resolves with what is read of it', async () => {
  const { outbox, newCall } = stage()
  const call = newCall()
  const asked = outbox.ask(call, 'kv', { op: 'get', key: 'a' }, (value) => [value])
  assert.deepEqual(taken(outbox), { c: [[1, 1, 'kv', '{"op":"get","key":"a"}']] })
  assert.equal(outbox.awaited, 1)
  outbox.answered(1, true, 'found')
  assert.deepEqual(await asked, ['found'])
  assert.equal(outbox.awaited, 0)
  assert.equal(outbox.take(), '')
})

test('a refusal rejects with its code; what cannot be read rejects as well', async () => {
  const { outbox, newCall } = stage()
  const call = newCall()
  const refused = outbox.ask(call, 'kv', {}, asIs)
  const spoilt = outbox.ask(call, 'kv', {}, () => {
    throw new TypeError('spoilt')
  })
  outbox.answered(1, false, { code: 'limit', message: 'too much' })
  outbox.answered(2, true, null)
  await assert.rejects(refused, { name: 'CapabilityError', code: 'limit', message: 'too much' })
  await assert.rejects(spoilt, { message: 'spoilt' })
  assert.equal(outbox.awaited, 0)
})

test('a call that has ended can do nothing any more, and what it had asked is nobody’s', () => {
  const { outbox, newCall } = stage()
  const call = newCall()
  void outbox.ask(call, 'kv', {}, asIs)
  outbox.end(call, 0)
  assert.throws(() => outbox.ask(call, 'kv', {}, asIs), { code: 'notAllowed' })
  assert.throws(() => outbox.leave(call, 'publish', {}), { code: 'notAllowed' })
  assert.deepEqual(taken(outbox).c, [[1, 0, 'kv', '{}']])
})

test('effects leave with the place of their answer, in order, and only of what ended well', () => {
  const { outbox, newCall } = stage()
  const [well, badly, open] = [newCall(), newCall(), newCall()]
  for (const call of [well, badly, open]) {
    outbox.leave(call, 'publish', { n: 1 })
    outbox.leave(call, 'metrics', { n: 2 })
  }
  outbox.end(well, 3)
  outbox.end(badly, undefined)
  assert.deepEqual(taken(outbox).x, [
    [3, 'publish', '{"n":1}'],
    [3, 'metrics', '{"n":2}'],
  ])
  outbox.end(open, -2)
  assert.equal(taken(outbox).x?.length, 2)
})

test('each budget refuses with limit: calls, awaited ones, effects, orders, characters', () => {
  const { outbox, newCall } = stage({ callsUnderWay: 10, argumentChars: 100, outboxChars: 1000 })
  const call = newCall()
  for (let n = 0; n < 8; n += 1) void outbox.ask(call, 'kv', {}, asIs)
  assert.throws(() => outbox.ask(call, 'kv', {}, asIs), { code: 'limit' })
  const other = newCall()
  for (let n = 0; n < 2; n += 1) void outbox.ask(other, 'kv', {}, asIs)
  assert.throws(() => outbox.ask(other, 'kv', {}, asIs), { code: 'limit' })
  for (let n = 0; n < 4; n += 1) outbox.leave(call, 'publish', {})
  assert.throws(() => outbox.leave(call, 'publish', {}), { code: 'limit' })
  taken(outbox)
  for (let n = 0; n < 32; n += 1) outbox.order('timers', {})
  assert.throws(() => outbox.order('timers', {}), { code: 'limit' })
  taken(outbox)
  assert.throws(() => outbox.leave(other, 'publish', { text: 'x'.repeat(100) }), { code: 'limit' })
})

test('notes for the audit are few and short', () => {
  const { outbox } = stage()
  for (let n = 0; n < 10; n += 1) outbox.note('publish', 'x'.repeat(1000))
  const { n } = taken(outbox)
  assert.equal(n?.length, ISOLATE_LIMITS.publishesPerCall)
  assert.ok(n.every(([, text]) => text.length <= ISOLATE_LIMITS.detailChars))
})

type Step = readonly [does: 'ask' | 'leave' | 'answer' | 'end' | 'endBadly' | 'take', which: number]
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('ask', 'leave', 'answer', 'end', 'endBadly', 'take'),
  fc.nat(7),
)

test('in whatever order calls ask, leave, are answered and end: once each, in bounds, nothing of the failed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
      const most = 400
      const { outbox, newCall } = stage({ outboxChars: most, callsUnderWay: 12 })
      const calls = Array.from({ length: 8 }, newCall)
      const endedWell = new Set<number>()
      const ends = new Map<number, number>()
      const settled: number[] = []
      const sent: number[] = []
      const happened: string[] = []
      let asked = 0
      const take = (): void => {
        const { c = [], x = [] } = taken(outbox)
        for (const [call, caller] of c) {
          sent.push(call)
          // a caller is somebody who still waits
          assert.ok(caller === 0 || calls.some((each) => each.number === caller && !each.ended))
        }
        for (const [place, , argument] of x) {
          const { caller } = JSON.parse(argument) as { caller: number }
          assert.equal(ends.get(caller), place)
          happened.push(argument)
        }
      }
      let left = 0
      for (const [does, which] of steps) {
        const call = calls[which] as Call
        try {
          if (does === 'ask') {
            void outbox.ask(call, 'kv', {}, () => settled.push(asked))
            asked += 1
          } else if (does === 'leave') outbox.leave(call, 'publish', { caller: which, left: (left += 1) })
          else if (does === 'answer') outbox.answered(which + 1, true, null)
          else if (does === 'take') take()
          else if (!call.ended) {
            const place = does === 'end' ? ends.size : undefined
            if (place !== undefined) {
              ends.set(which, place)
              endedWell.add(which)
            }
            outbox.end(call, place)
          }
        } catch (error) {
          assert.equal((error as Error).name, 'CapabilityError')
        }
        assert.ok(outbox.awaited <= 12 && outbox.awaited >= 0)
      }
      take()
      assert.equal(outbox.take(), '')
      assert.equal(new Set(sent).size, sent.length)
      assert.equal(sent.length, asked)
      assert.deepEqual(
        sent,
        sent.toSorted((one, other) => one - other),
      )
      assert.equal(outbox.awaited + settled.length, asked)
      assert.equal(new Set(happened).size, happened.length)
      for (const argument of happened) {
        assert.ok(endedWell.has((JSON.parse(argument) as { caller: number }).caller))
      }
    }),
  )
})
