import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newMemoryEngine } from '../../../support/memory-engine.ts'

const QUIET = {
  tenants: () => undefined,
  restored: () => null,
  retained: () => undefined,
  troubled: () => assert.fail('memory has no trouble'),
  lost: () => assert.fail('memory is not lost'),
} as const

test('a publish is settled and routed by the time the call returns', async () => {
  const engine = newMemoryEngine<string, object>()
  const routed: string[] = []
  await engine.start({
    route: (tenant, message) => routed.push(`${tenant} ${message}`) > 0,
    settled: () => assert.fail('ticket 0 is settled already'),
    ...QUIET,
  })
  assert.equal(engine.publish('acme', 'hi'), 0)
  assert.deepEqual(routed, ['acme hi'])
  assert.equal(engine.retained.set('acme', 't', 'kept'), 0)
  assert.equal(engine.retained.clear('acme', 't'), 0)
})

test('a message that no subscriber of the one node has is known to be unheard', async () => {
  const engine = newMemoryEngine<string, object>()
  await engine.start({
    route: (_tenant, message) => message === 'heard',
    settled: () => assert.fail(),
    ...QUIET,
  })
  assert.deepEqual([engine.publish('acme', 'heard'), engine.publish('acme', 'lost')], [0, -1])
})

test('an engine that stopped routes nothing more', async () => {
  const engine = newMemoryEngine<string, object>()
  await engine.start({
    route: () => assert.fail('routed after the end'),
    settled: () => assert.fail('settled after the end'),
    ...QUIET,
  })
  await engine.stop()
  assert.equal(engine.publish('acme', 'late'), 0)
})
