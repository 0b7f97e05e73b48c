import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { lockFolder } from '../../../../src/engine/sqlite/open-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

const PROGRAM = new URL('../../../../src/engine/sqlite/store-thread.ts', import.meta.url)

test('the thread says what is stored, and closes the files when it is told to', async () => {
  const folder = dataFolder()
  const thread = new Worker(PROGRAM, { workerData: { folder, durability: 'os' } })
  assert.deepEqual(await once(thread, 'message'), [{ kind: 'ready', lastBatch: 0, lastMid: 0 }])
  assert.throws(() => lockFolder(folder))
  thread.postMessage({ kind: 'close' })
  const ended = once(thread, 'exit')
  assert.deepEqual(await once(thread, 'message'), [{ kind: 'closed' }])
  await ended
  lockFolder(folder).close()
})

test('a folder that is in use is refused', async () => {
  const folder = dataFolder()
  const lock = lockFolder(folder)
  const thread = new Worker(PROGRAM, { workerData: { folder, durability: 'os' } })
  const ended = once(thread, 'exit')
  const [said] = (await once(thread, 'message')) as [{ readonly kind: string; readonly why: string }]
  assert.equal(said.kind, 'refused')
  assert.match(said.why, /another broker/)
  await ended
  lock.close()
})
