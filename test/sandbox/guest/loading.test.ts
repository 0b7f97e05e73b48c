import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Call } from '../../../sandbox/guest/call.ts'
import { Loading } from '../../../sandbox/guest/loading.ts'
import { Outbox } from '../../../sandbox/guest/outbox.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

function stage(): { outbox: Outbox; call: Call; loading: Loading; text(canWait: boolean): unknown } {
  const outbox = new Outbox(ISOLATE_LIMITS)
  const call = new Call(ISOLATE_LIMITS)
  const loading = new Loading(outbox, call)
  const text = (canWait: boolean): unknown =>
    JSON.parse(
      loading.text(
        canWait,
        () => undefined,
        () => outbox.take(),
      ),
    )
  return { outbox, call, loading, text }
}

test('a setup that ended well says nothing, and its effects are at the place of setup', () => {
  const { outbox, call, loading, text } = stage()
  outbox.leave(call, 'publish', { topic: 'a' })
  assert.ok(loading.end(''))
  assert.deepEqual(text(true), { x: [[-1, 'publish', '{"topic":"a"}']] })
})

test('a setup that failed says why, and leaves nothing to be done', () => {
  const { outbox, call, loading, text } = stage()
  outbox.leave(call, 'publish', { topic: 'a' })
  loading.end('no database')
  assert.deepEqual(text(true), { e: 'no database' })
  assert.ok(call.ended)
})

test('an open setup waits if it can, under a number, and its end comes later', () => {
  const { call, loading, text } = stage()
  assert.deepEqual(text(true), { w: 1 })
  assert.deepEqual([call.number, call.ended], [1, false])
  assert.equal(loading.end(''), false)
})

test('an open setup that nothing can settle has failed', () => {
  const { call, text } = stage()
  assert.deepEqual(text(false), { e: 'setup returned a promise that cannot settle' })
  assert.ok(call.ended)
})
