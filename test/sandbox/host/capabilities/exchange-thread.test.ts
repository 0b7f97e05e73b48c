import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { LOOPBACK } from '../../../support/egress-stage.ts'

test('it says that it is there, answers each exchange by its number, and minds no number that it has not', async (t) => {
  const program = new URL('../../../../sandbox/host/capabilities/exchange-thread.ts', import.meta.url)
  const thread = new Worker(program, { execArgv: [] })
  t.after(() => thread.terminate())
  assert.deepEqual(await once(thread, 'message'), [{ id: 0 }])
  const { ca, timeoutMs } = LOOPBACK
  const nobody = { origin: 'https://allowed.test:9', addresses: ['127.0.0.1'], mostBytes: 1, timeoutMs, ca }
  thread.postMessage({ id: 7 })
  thread.postMessage({ id: 8, asked: { ...nobody, path: '/', method: 'GET', headers: {}, body: undefined } })
  const [{ id, refused }] = (await once(thread, 'message')) as [{ id: number; refused: { code: string } }]
  assert.deepEqual([id, refused.code], [8, 'unavailable'])
})
