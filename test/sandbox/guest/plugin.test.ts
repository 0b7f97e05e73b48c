import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluatePlugin, probePlugin, takeHooks, takeSetup } from '../../../sandbox/guest/plugin.ts'
import { HOOKS } from '../../../sandbox/sdk/hooks.ts'
import type { LoadSettings } from '../../../sandbox/wire/messages.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

function settings(...hooks: readonly (typeof HOOKS)[number][]): LoadSettings {
  const numbers = hooks.map((hook) => HOOKS.indexOf(hook))
  const named = {
    name: 'gate',
    version: '1',
    tenant: 't',
    config: {},
    brokerConfig: undefined,
    unmeasuredMs: 0,
    absent: {},
  }
  return { ...named, hooks: numbers, log: false, powers: {}, bytes: false, limits: ISOLATE_LIMITS }
}

test('the bundle leaves its namespace in a global, which is gone afterwards', () => {
  assert.deepEqual(evaluatePlugin('var __bulkhead_plugin = { default: { name: "gate" } }'), { name: 'gate' })
  assert.equal('__bulkhead_plugin' in globalThis, false)
})

test('a module without a default export says what to write', () => {
  assert.throws(() => evaluatePlugin('var __bulkhead_plugin = {}'), /export default definePlugin/)
})

test('hooks are taken once: replacing a property later changes nothing', () => {
  const plugin = { authorizePublish: () => true }
  const first = plugin.authorizePublish
  const table = takeHooks(plugin, settings('authorizePublish'))
  plugin.authorizePublish = () => false
  assert.equal(table[HOOKS.indexOf('authorizePublish')], first)
})

test('a declared hook that is no function does not load', () => {
  assert.throws(() => takeHooks({}, settings('authenticate')), /declares authenticate/)
})

test('a probe tells values and functions apart', () => {
  const plugin = { name: 'gate', capabilities: { log: true }, setup: () => 1, authenticate: () => true }
  assert.deepEqual(probePlugin(plugin), {
    values: { name: 'gate', capabilities: { log: true } },
    functions: ['setup', 'authenticate'],
  })
})

test('a setup is optional', () => {
  assert.equal(takeSetup({}), undefined)
  assert.equal(takeSetup({ setup: () => 7 })?.({}), 7)
})
