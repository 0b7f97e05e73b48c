import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PluginPublication } from '../../sandbox/index.ts'
import { type Effect, testPorts } from '../../sandbox/test-ports.ts'

const PUBLICATION: PluginPublication = {
  topic: 'a',
  payload: Uint8Array.of(1),
  qos: 0,
  retain: false,
  properties: {},
  hops: 1,
}

test('every effect is told, whoever serves it', async () => {
  const happened: Effect[] = []
  const ports = testPorts({ subscribe: () => Promise.resolve({ qos: 1 }) }, (effect) => happened.push(effect))
  assert.equal(ports.publish?.('t', 'p', PUBLICATION), true)
  ports.metric?.('t', 'p', 'gauge', 'depth', 2)
  assert.deepEqual(await ports.subscribe?.('t', 'p', 'c', 'a/#', 1), { qos: 1 })
  assert.deepEqual(happened, [
    { capability: 'publish', ...PUBLICATION },
    { capability: 'metrics', kind: 'gauge', name: 'depth', value: 2 },
    { capability: 'subscribe', clientId: 'c', filter: 'a/#', qos: 1 },
  ])
})

test('nobody is there unless a test brings them, and no name leads anywhere', async () => {
  const ports = testPorts({}, () => undefined)
  assert.equal(ports.sessions?.get('t', 'c'), undefined)
  assert.deepEqual(await ports.sessions?.list('t', undefined, 10), [])
  assert.equal(await ports.retained?.get('t', 'a', 0), undefined)
  assert.deepEqual(await ports.subscriptions?.matching('t', 'a', 10), [])
  assert.equal(await ports.subscribe?.('t', 'p', 'c', 'a', 0), null)
  assert.deepEqual(await ports.egress?.lookup('example.com'), [])
  assert.equal(ports.egress?.isAllowed('127.0.0.1'), false)
})
