import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Call } from '../../../sandbox/guest/call.ts'
import { Outbox } from '../../../sandbox/guest/outbox.ts'
import { Timers } from '../../../sandbox/guest/timers.ts'
import type { Timers as Facade } from '../../../sandbox/sdk/powers.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

function stage() {
  const outbox = new Outbox(ISOLATE_LIMITS)
  const timers = new Timers(ISOLATE_LIMITS, outbox)
  const call = new Call(ISOLATE_LIMITS)
  /** The operations that the host is told. */
  const orders = (): unknown[] => {
    const text = outbox.take()
    const { c = [] } = JSON.parse(text === '' ? '{}' : `{${text.slice(1)}}`) as { c?: unknown[][] }
    return c.map(([, owner, power, argument]) => {
      assert.deepEqual([owner, power], [0, 'timers'])
      return JSON.parse(String(argument)) as unknown
    })
  }
  return { outbox, timers, call, ctx: timers.facade(call) as Facade<object>, orders }
}

test('the host is told when, and the guest knows what: once for after, again and again for every', () => {
  const { timers, ctx, orders } = stage()
  const runs = [() => 1, () => 2]
  ctx.every(100, runs[0] as () => number)
  ctx.after(200, runs[1] as () => number)
  assert.deepEqual(orders(), [
    { op: 'every', timer: 1, ms: 100 },
    { op: 'after', timer: 2, ms: 200 },
  ])
  assert.deepEqual(
    [timers.due(1), timers.due(1), timers.due(2), timers.due(2)],
    [runs[0], runs[0], runs[1], undefined],
  )
  assert.equal(timers.count, 1)
})

test('a timer is cancelled once, and what is due meanwhile does not run', () => {
  const { timers, ctx, orders } = stage()
  const timer = ctx.every(100, () => {})
  orders()
  timer.cancel()
  timer.cancel()
  assert.deepEqual(orders(), [{ op: 'cancel', timer: 1 }])
  assert.deepEqual([timers.due(1), timers.count], [undefined, 0])
})

test('a cancel that cannot be told now is refused, and the timer goes on', () => {
  const { timers, ctx, orders } = stage()
  const timer = ctx.every(100, () => {})
  orders()
  for (let n = 0; n < ISOLATE_LIMITS.ordersPerCrossing / 2; n += 1) ctx.after(100, () => {}).cancel()
  assert.throws(() => timer.cancel(), { code: 'limit' })
  assert.equal(typeof timers.due(1), 'function')
  orders()
  timer.cancel()
  assert.equal(timers.count, 0)
})

test('so many run at once, no oftener than allowed, and only a live call starts one', () => {
  const { call, ctx } = stage()
  for (const ms of [99, Number.NaN, Infinity, -1, '100' as never]) {
    assert.throws(() => ctx.after(ms, () => {}), { code: 'invalid' })
  }
  assert.throws(() => ctx.after(100, 'code' as never), { code: 'invalid' })
  for (let n = 0; n < ISOLATE_LIMITS.timers; n += 1) ctx.every(100, () => {})
  assert.throws(() => ctx.every(100, () => {}), { code: 'limit' })
  call.ended = true
  assert.throws(() => ctx.every(100, () => {}), { code: 'notAllowed' })
})
