import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lacksPort, openPower } from '../../../../sandbox/host/capabilities/powers.ts'
import type { PowerPorts } from '../../../../sandbox/index.ts'
import { CAPABILITIES } from '../../../../sandbox/manifest/manifest.ts'
import { MemoryKv } from '../../../../src/engine/memory/memory-kv.ts'
import { call, holder } from '../../../support/holder.ts'

const PORTS: PowerPorts = {
  kv: new MemoryKv(),
  publish: () => true,
  sessions: { get: () => undefined, list: () => Promise.resolve([]) },
  retained: { get: () => Promise.resolve(undefined), list: () => Promise.resolve([]) },
  subscriptions: { ofClient: () => [], matching: () => Promise.resolve([]) },
  subscribe: () => Promise.resolve(null),
  metric: () => undefined,
}

const THROUGH_PORTS = [
  'publish',
  'kv',
  'sessions',
  'retained',
  'subscriptions',
  'subscribe',
  'metrics',
] as const

test('a capability opens its power, which works through its port', async () => {
  const power = openPower('kv', holder({ grant: { bytes: 100 } }), PORTS)
  assert.deepEqual(await call(power, { op: 'set', key: 'k', value: '1' }), { ok: true, version: 1 })
  for (const name of THROUGH_PORTS) {
    const { call: asks, release } = openPower(name, holder(), PORTS) ?? {}
    // what changes the world happens when its question has ended well, what is asked for is answered at once
    assert.equal(release !== undefined, ['publish', 'metrics'].includes(name), name)
    assert.equal(asks === undefined, release !== undefined, name)
  }
})

test('without its port there is no such power, and it is missed by name', () => {
  for (const name of THROUGH_PORTS) assert.equal(openPower(name, holder(), {}), undefined)
  assert.deepEqual(
    CAPABILITIES.filter((name) => lacksPort(name, {})),
    THROUGH_PORTS,
  )
  assert.deepEqual(
    CAPABILITIES.filter((name) => lacksPort(name, PORTS)),
    [],
  )
})
