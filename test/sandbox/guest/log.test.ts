import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GuestLog } from '../../../sandbox/guest/log.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

function taken(log: GuestLog): { l: unknown[]; d: number } {
  return JSON.parse(`{${log.take().slice(1)}}`) as { l: unknown[]; d: number }
}

test('lines are taken once, in order, with their level and their fields', () => {
  const log = new GuestLog(ISOLATE_LIMITS, true)
  log.budget = 16
  log.facade().info('one', { a: 1 })
  log.facade().error('two')
  assert.deepEqual(taken(log), {
    l: [
      ['info', 'one', { a: 1 }],
      ['error', 'two'],
    ],
    d: 0,
  })
  assert.equal(log.take(), '')
})

test('past the budget, and without the capability, lines are counted instead', () => {
  const log = new GuestLog(ISOLATE_LIMITS, true)
  log.budget = 1
  for (let line = 0; line < 5; line += 1) log.facade().warn('x')
  assert.deepEqual(taken(log), { l: [['warn', 'x']], d: 4 })
  const without = new GuestLog(ISOLATE_LIMITS, false)
  without.budget = 16
  without.facade().info('x')
  assert.deepEqual(taken(without), { l: [], d: 1 })
})

test('a line is bounded, and odd fields become a note: logging never throws', () => {
  const log = new GuestLog(ISOLATE_LIMITS, true)
  log.budget = 16
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const { info } = log.facade()
  info('x'.repeat(1e5), cyclic)
  info(Symbol('s'), { big: 'x'.repeat(1e5) })
  info('f', () => 1)
  assert.deepEqual(taken(log), {
    l: [
      ['info', 'x'.repeat(ISOLATE_LIMITS.logTextChars), { fields: 'not JSON' }],
      ['info', 'Symbol(s)', { fields: 'too large' }],
      ['info', 'f', { fields: 'not JSON' }],
    ],
    d: 0,
  })
})

test('a frame has a bound of its own', () => {
  const log = new GuestLog({ ...ISOLATE_LIMITS, logCharsPerFrame: 100 }, true)
  log.budget = 1000
  for (let line = 0; line < 100; line += 1) log.facade().info('0123456789')
  const { l, d } = taken(log)
  assert.ok(l.length < 10)
  assert.equal(l.length + d, 100)
})
