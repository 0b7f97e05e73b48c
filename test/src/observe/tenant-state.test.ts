import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tenantState } from '../../../src/observe/tenant-state.ts'

test('a tenant is described by who decides, and by what its plugins may and cannot do', () => {
  const plugin = {
    name: 'gate',
    version: '1.0.0',
    hooks: new Set(['authenticate']),
    capabilities: { kv: {} },
  }
  const byDefault = { verdict: 'deny' }
  const asked = { authenticate: [plugin], publish: [], subscribe: [plugin], receive: [] }
  const hooks = { ...asked, byDefault, plugins: [plugin] }
  const tenant = { name: 'acme', anonymous: false, hooks } as const
  assert.deepEqual(tenantState(tenant, new Map([['acme/gate', 'does not build']])), {
    name: 'acme',
    anonymous: false,
    topicDefault: 'deny',
    authenticates: true,
    undecided: ['publish', 'receive'],
    plugins: [
      { name: 'gate', version: '1.0.0', hooks: plugin.hooks, powers: ['kv'], unusable: 'does not build' },
    ],
  })
})
