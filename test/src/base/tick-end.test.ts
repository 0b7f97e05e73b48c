import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TickEnd } from '../../../src/base/tick-end.ts'

test('what is added in one turn is flushed once, in order, when the turn ends', async () => {
  const tickEnd = new TickEnd()
  const flushed: string[] = []
  for (const name of ['a', 'b', 'c']) tickEnd.add({ flush: () => flushed.push(name) })
  assert.deepEqual(flushed, [])
  await nextTurn()
  assert.deepEqual(flushed, ['a', 'b', 'c'])
  await nextTurn()
  assert.deepEqual(flushed, ['a', 'b', 'c'])
})

test('what a flush adds waits for the next turn, so that sockets are read in between', async () => {
  const tickEnd = new TickEnd()
  const flushed: string[] = []
  const second = { flush: () => flushed.push('second') }
  tickEnd.add({
    flush: () => {
      flushed.push('first')
      tickEnd.add(second)
    },
  })
  await nextTurn()
  assert.deepEqual(flushed, ['first'])
  await nextTurn()
  assert.deepEqual(flushed, ['first', 'second'])
})
