import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallBudget } from '../../../../sandbox/host/capabilities/call-budget.ts'
import { lacksPort, openPower, type TenantPorts } from '../../../../sandbox/host/capabilities/powers.ts'
import { CAPABILITIES } from '../../../../sandbox/manifest/manifest.ts'
import { MemoryKv } from '../../../../src/engine/memory/memory-kv.ts'
import { call, holder } from '../../../support/holder.ts'

const NO_PORTS: TenantPorts = {
  fetches: new CallBudget('fetches', 4, 10),
  sourceCalls: new CallBudget('questions to sources', 4, 10),
}

const PORTS: TenantPorts = {
  ...NO_PORTS,
  kv: new MemoryKv(),
  publish: () => true,
  sessions: { get: () => undefined, list: () => Promise.resolve([]) },
  retained: { get: () => Promise.resolve(undefined), list: () => Promise.resolve([]) },
  subscriptions: { ofClient: () => [], matching: () => Promise.resolve([]) },
  subscribe: () => Promise.resolve(null),
  access: { invalidate: () => Promise.resolve('busy') },
  metric: () => undefined,
  query: { run: () => Promise.resolve([]) },
  ldap: { search: () => Promise.resolve([]), bind: () => Promise.resolve(false) },
}

const THROUGH_PORTS = CAPABILITIES.filter((name) => lacksPort(name, NO_PORTS))

test('a capability opens its power, which works through its port', async () => {
  const power = openPower('kv', holder({ grant: { bytes: 100 } }), PORTS)
  assert.deepEqual(await call(power, { op: 'set', key: 'k', value: '1' }), { ok: true, version: 1 })
})

test('what changes the world waits for the end of its question, what is asked for is answered at once', () => {
  for (const name of THROUGH_PORTS.filter((each) => each !== 'fetch')) {
    const { call: asks, release } = openPower(name, holder(), PORTS) ?? {}
    assert.equal(release !== undefined, ['publish', 'metrics'].includes(name), name)
    assert.equal(asks === undefined, release !== undefined, name)
  }
})

test('without its port there is no such power, and it is missed by name', () => {
  const names = [
    'publish', 'kv', 'fetch', 'sessions', 'retained', 'subscriptions', 'subscribe', 'metrics', 'access',
    'query', 'ldap',
  ] // biome-ignore format: a list
  assert.deepEqual(THROUGH_PORTS, names)
  for (const name of THROUGH_PORTS) assert.equal(openPower(name, holder(), NO_PORTS), undefined)
  assert.deepEqual(
    CAPABILITIES.filter((name) => lacksPort(name, PORTS)),
    ['fetch'],
  )
})

test('crypto needs nothing of the broker', async () => {
  const power = openPower('crypto', holder(), NO_PORTS)
  const digest = await call(power, { op: 'digest', name: 'sha256', data: '' })
  assert.deepEqual(digest, { bytes64: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' })
})
