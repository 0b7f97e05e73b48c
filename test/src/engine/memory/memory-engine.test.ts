import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newMemoryEngine } from '../../../support/memory-engine.ts'

test('a publish is settled and routed by the time the call returns', async () => {
  const engine = newMemoryEngine<string, object>()
  const routed: string[] = []
  await engine.start({
    route: (tenant, message) => routed.push(`${tenant} ${message}`) > 0,
    settled: () => assert.fail('ticket 0 is settled already'),
  })
  assert.equal(engine.publish('acme', 'hi'), 0)
  assert.deepEqual(routed, ['acme hi'])
  assert.equal(engine.retained.set('acme', 't', 'kept'), 0)
  assert.equal(engine.retained.clear('acme', 't'), 0)
})

test('a message that no subscriber of the one node has is known to be unheard', async () => {
  const engine = newMemoryEngine<string, object>()
  await engine.start({ route: (_tenant, message) => message === 'heard', settled: () => assert.fail() })
  assert.deepEqual([engine.publish('acme', 'heard'), engine.publish('acme', 'lost')], [0, -1])
})

test('an engine that stopped routes nothing more', async () => {
  const engine = newMemoryEngine<string, object>()
  await engine.start({
    route: () => assert.fail('routed after the end'),
    settled: () => assert.fail('settled after the end'),
  })
  await engine.stop()
  assert.equal(engine.publish('acme', 'late'), 0)
})

test('retained messages are all read within the call, then it says done once', () => {
  const engine = newMemoryEngine<string, object>()
  for (const topic of ['a', 'b']) engine.retained.set('acme', topic, topic)
  const read: string[] = []
  const reader = { retained: (message: string) => read.push(message) > 0, done: () => read.push('done') }
  engine.retained.match('acme', '+', reader)
  assert.deepEqual(read.slice(0, 2).sort(), ['a', 'b'])
  assert.equal(read.at(-1), 'done')
  assert.equal(read.length, 3)
  engine.retained.match('nobody', '#', reader)
  assert.deepEqual(read.slice(3), ['done'])
})

test('a session is opened within the call, and is the very object that was saved', () => {
  const engine = newMemoryEngine<string, object>()
  const session = {}
  const stored: (object | null)[] = []
  const opener = {
    opened: (epoch: number, found: object | null) => {
      stored.push(found)
      engine.sessions.save('acme', 'ann', epoch, session, Number.POSITIVE_INFINITY)
    },
  }
  engine.sessions.open('acme', 'ann', false, opener)
  engine.sessions.open('acme', 'ann', false, opener)
  assert.equal(stored[0], null)
  assert.equal(stored[1], session)
})
