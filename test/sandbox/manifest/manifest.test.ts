import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CAPABILITIES } from '../../../sandbox/manifest/manifest.ts'
import type { Capabilities } from '../../../sandbox/sdk/capabilities.ts'

/** Does not compile unless it has every capability that the SDK types, and no other. */
const TYPED: Readonly<Record<keyof Capabilities, true>> = {
  log: true,
  publish: true,
  kv: true,
  fetch: true,
  timers: true,
  sessions: true,
  retained: true,
  subscriptions: true,
  subscribe: true,
  crypto: true,
  metrics: true,
  access: true,
  query: true,
  ldap: true,
  brokerConfig: true,
  password: true,
  payload: true,
}

test('the manifest knows the capabilities that the SDK types, and no other', () => {
  assert.deepEqual(Object.keys(TYPED), [...CAPABILITIES])
})
