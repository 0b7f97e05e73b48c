import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairQueue } from '../../../src/base/fair-queue.ts'

const BOUNDS = { atOnce: 3, atOncePerOwner: 2, waiting: 3, waitingPerOwner: 2 }
const { signal } = new AbortController()

/** Work that ends when the test says so; what is common to all queues, test/…/crypto-queue.test.ts proves. */
function stage() {
  const queue = new FairQueue(BOUNDS, (why) => new Error(why))
  const started: string[] = []
  const end = Promise.withResolvers<void>()
  const order = (name: string): Promise<void> =>
    queue.run(name.charAt(0), signal, () => {
      started.push(name)
      return end.promise
    })
  return { order, started, end: () => end.resolve() }
}

test('an owner has no more than its part at once, and the rest is for the others', async () => {
  const { order, started, end } = stage()
  const all = ['a1', 'a2', 'a3', 'b1', 'b2'].map(order)
  await new Promise(setImmediate)
  assert.deepEqual(started, ['a1', 'a2', 'b1'])
  end()
  await Promise.all(all)
  assert.deepEqual(started.toSorted(), ['a1', 'a2', 'a3', 'b1', 'b2'])
})

test('what waits is bounded, of an owner and of all', async () => {
  const { order, end } = stage()
  const all = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2'].map(order)
  await assert.rejects(order('a5'), { message: 'full' })
  await assert.rejects(order('c1'), { message: 'full' })
  end()
  await Promise.all(all)
})
