import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { after, test } from 'node:test'
import { ExchangeThreads } from '../../../../sandbox/host/capabilities/exchange-threads.ts'
import { heavyChain } from '../../../support/certificates.ts'
import { LOOPBACK, serve } from '../../../support/egress-stage.ts'
import { holdings } from '../../../support/holdings.ts'
import { eventually } from '../../../support/processes.ts'

const NEVER = new AbortController().signal
const threads = new ExchangeThreads()
const speaker = threads.open('acme')
after(() => speaker.close())
await speaker.ready

const request = (port: number) => {
  const { ca, timeoutMs } = LOOPBACK
  const plain = { path: '/a', method: 'GET', headers: {}, body: undefined, mostBytes: 16 }
  return { ...plain, origin: `https://allowed.test:${port}`, addresses: ['127.0.0.1'], timeoutMs, ca }
}

test('an answer crosses as it came, and a refusal with its code', async () => {
  const { port } = await serve((asked, response) =>
    response.end(asked.url === '/a' ? 'short' : 'x'.repeat(17)),
  )
  const { status, body } = await speaker.exchange(request(port), NEVER)
  assert.deepEqual([status, Buffer.from(body).toString()], [200, 'short'])
  const long = speaker.exchange({ ...request(port), path: '/b' }, NEVER)
  await assert.rejects(long, { name: 'Refusal', code: 'limit', message: 'the answer has more than 16 bytes' })
})

test('who does not wait any more ends the request, and one that has ended before is not begun', async () => {
  const asked = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const { port } = await serve((_request, response) => {
    response.on('close', closed.resolve)
    asked.resolve()
  })
  const ending = new AbortController()
  const never = assert.rejects(speaker.exchange(request(port), ending.signal), {
    code: 'unavailable',
  })
  await asked.promise
  ending.abort(new Error('enough'))
  await Promise.all([never, closed.promise])
  await assert.rejects(speaker.exchange(request(port), ending.signal), /enough/)
})

test('a chain of huge keys is refused, and the broker’s loop has not waited for it', async () => {
  const { port } = await serve(() => undefined, { ...heavyChain('allowed.test', 18) })
  const delay = monitorEventLoopDelay({ resolution: 5 })
  const begun = performance.now()
  delay.enable()
  await assert.rejects(speaker.exchange(request(port), NEVER), {
    code: 'unavailable',
    message: /certificate is not to be trusted/,
  })
  const tookMs = performance.now() - begun
  delay.disable()
  assert.ok(delay.max / 1e6 < tookMs / 2, `the loop stood for ${delay.max / 1e6} of ${tookMs} ms`)
})

test('tenants share a few threads, which end with the last that uses them', {
  skip: process.platform === 'linux' ? false : 'only Linux tells of threads',
}, async () => {
  const { port } = await serve((_request, response) => response.end('here'))
  const speakers = Array.from({ length: 12 }, (_, number) => threads.open(`tenant-${number}`))
  const answers = await Promise.all(speakers.map((each) => each.exchange(request(port), NEVER)))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  const before = holdings().threads
  for (const each of speakers) {
    each.close()
    each.close()
  }
  await eventually(() => holdings().threads < before)
  // the one that is still used goes on
  assert.equal((await speaker.exchange(request(port), NEVER)).status, 200)
})
