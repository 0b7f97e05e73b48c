import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Health, type ObservedTenant } from '../../../src/observe/health.ts'

test('a broker is ready from when clients can connect until they cannot', () => {
  const health = new Health('1.0.0')
  assert.deepEqual(health.status([], false).reasons, ['it is starting, or stopping: ask again'])
  health.serves(true)
  const { ready, reasons, uptimeSec, pid, version } = health.status([], false)
  assert.deepEqual([ready, reasons, pid, version], [true, [], process.pid, '1.0.0'])
  assert.ok(uptimeSec >= 0)
  health.drains()
  assert.deepEqual(health.status([], false).reasons, ['it is stopping, and sends its clients away'])
  health.serves(false)
  const stopping = health.status([], false)
  assert.deepEqual([stopping.ready, stopping.uptimeSec], [false, 0])
})

test('while the disk takes nothing it is not ready, says since when and why, and is ready again after', () => {
  const health = new Health('1.0.0')
  health.serves(true)
  health.storeTroubled('full')
  const [first] = health.status([], false).reasons
  assert.match(first ?? '', /^the store cannot be written since \d{4}-.*Z: full$/)
  assert.match(health.status([], true).reasons[1] ?? '', /^too much waits for it/)
  health.storeTroubled('read-only')
  const [later] = health.status([], false).reasons
  assert.equal(later, first?.replace('full', 'read-only'), 'since it began')
  health.storeTroubled(null)
  assert.equal(health.status([], false).ready, true)
})

function tenant(name: string, peers: number, sessions: number): ObservedTenant {
  return {
    name,
    peers: { size: peers },
    sessions: { size: sessions },
    queueRoom: { messages: 1, bytes: 10 },
  }
}

test('numbers of tenants add up', () => {
  const { connections, sessions, tenants } = new Health('1').status(
    [tenant('a', 1, 2), tenant('b', 3, 4)],
    false,
  )
  assert.deepEqual([connections, sessions], [4, 6])
  assert.deepEqual(tenants[1], {
    tenant: 'b',
    connections: 3,
    sessions: 4,
    queuedMessages: 1,
    queuedBytes: 10,
  })
})

test('a store that is lost stays lost, and what to do is said', () => {
  const health = new Health('1.0.0')
  health.serves(true)
  health.storeLost('no such table')
  assert.deepEqual(health.status([], false).reasons, [
    'the store is lost: no such table; start the broker anew',
  ])
})
