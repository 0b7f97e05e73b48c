import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NotAsked, sourceQueue } from '../../../src/sources/source-queue.ts'

test('of several connections one is never all of one tenant’s', async () => {
  const queue = sourceQueue(2)
  const { signal } = new AbortController()
  const first = Promise.withResolvers<void>()
  const started: string[] = []
  const ask = (tenant: string): Promise<void> =>
    queue.run(tenant, signal, () => {
      started.push(tenant)
      return first.promise
    })
  const all = ['a', 'a', 'a', 'b'].map(ask)
  await new Promise(setImmediate)
  assert.deepEqual(started, ['a', 'b'])
  first.resolve()
  await Promise.all(all)
})

test('a question that nobody waits for is not asked', async () => {
  const asked = sourceQueue(1).run('a', AbortSignal.abort(), () => Promise.resolve())
  await assert.rejects(asked, (error) => error instanceof NotAsked && !error.isFull)
})
