import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { openMetricsListener } from '../../../src/observe/metrics-listener.ts'
import { OPENMETRICS_TEXT } from '../../../src/observe/metrics.ts'

let state: { ready: boolean; reasons: readonly string[] } = { ready: true, reasons: [] }
const listener = await openMetricsListener(
  { host: '127.0.0.1', port: 0 },
  { metrics: { text: (type) => Promise.resolve(`as ${type}`) }, readiness: () => state },
)
after(() => listener.close())
const { origin } = new URL(listener.url)

test('metrics come in the form that is asked for', async () => {
  const plain = await fetch(listener.url)
  assert.match(plain.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const open = await fetch(listener.url, { headers: { accept: OPENMETRICS_TEXT } })
  assert.equal(await open.text(), `as ${OPENMETRICS_TEXT}`)
})

test('alive is whoever answers; ready is who serves, and who is not says on this machine why', async () => {
  const asked = async (path: string) => {
    const response = await fetch(`${origin}${path}`)
    return [response.status, await response.text()]
  }
  assert.deepEqual(await asked('/readyz?verbose'), [200, 'ready\n'])
  state = { ready: false, reasons: ['the store cannot be written'] }
  assert.deepEqual(await asked('/readyz'), [503, 'not ready\nthe store cannot be written\n'])
  assert.deepEqual(await asked('/livez'), [200, 'alive\n'])
  assert.deepEqual(await asked('/healthz'), [200, 'alive\n'])
  const head = await fetch(`${origin}/readyz`, { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [503, ''])
})

test('nothing else is there, and nothing is changed', async () => {
  const codes = await Promise.all([
    fetch(`${origin}/v1/status`).then(({ status }) => status),
    fetch(listener.url, { method: 'POST', body: 'x' }).then(({ status }) => status),
  ])
  assert.deepEqual(codes, [404, 405])
})

test('a request that does not fit ends its connection, and no other', async () => {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  after(() => socket.destroy())
  // the broker may close before all of it was sent
  socket.on('error', () => undefined)
  socket.resume()
  socket.write(`GET /metrics HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(100_000)}\r\n\r\n`)
  await new Promise((resolve) => socket.once('close', resolve))
  assert.equal((await fetch(`${origin}/livez`)).status, 200)
})

test('an address that is taken is refused with its name', async () => {
  const { hostname: host, port } = new URL(origin)
  await assert.rejects(
    openMetricsListener(
      { host, port: Number(port) },
      { metrics: { text: () => Promise.resolve('') }, readiness: () => state },
    ),
    { code: 'ERR_LISTEN', message: new RegExp(`^metrics: cannot listen on 127\\.0\\.0\\.1:${port}: `) },
  )
})
