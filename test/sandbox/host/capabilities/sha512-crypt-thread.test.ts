import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { CryptWork } from '../../../../sandbox/host/capabilities/sha512-crypt-thread.ts'

const THREAD = new URL('../../../../sandbox/host/capabilities/sha512-crypt-thread.ts', import.meta.url)

test('the thread answers with what crypt(3) makes of its work, and ends', async () => {
  const workerData: CryptWork = {
    password: Buffer.from('wonderland'),
    salt: Buffer.from('saltsalt'),
    rounds: 1000,
  }
  const thread = new Worker(THREAD, { workerData })
  const ended = once(thread, 'exit')
  assert.deepEqual(await once(thread, 'message'), [
    'pQWBrsgA00L1zt0NV83o5Uy3u2ESn9flfn/e0RE60Qd3XQ98aH6gvroXwANv1Mme759YpleQlaVoQ6O/meimK1',
  ])
  assert.deepEqual(await ended, [0])
})
