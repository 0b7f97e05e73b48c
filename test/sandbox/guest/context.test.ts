import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createContext, deepFreeze } from '../../../sandbox/guest/context.ts'
import { GuestLog } from '../../../sandbox/guest/log.ts'
import type { LoadSettings } from '../../../sandbox/wire/messages.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

const SETTINGS: LoadSettings = {
  name: 'gate',
  version: '1.2.3',
  tenant: 'acme',
  config: { users: ['alice'] },
  hooks: [],
  log: true,
  powers: {},
  bytes: false,
  absent: { kv: 'ctx.kv is not granted' },
  limits: ISOLATE_LIMITS,
}

test('the context has the config, the names and the powers that are granted, frozen', () => {
  const context = createContext(SETTINGS, new GuestLog(ISOLATE_LIMITS, true)) as Record<string, unknown>
  assert.deepEqual(context['config'], { users: ['alice'] })
  assert.deepEqual(context['plugin'], { name: 'gate', version: '1.2.3' })
  assert.equal(context['tenant'], 'acme')
  assert.ok(Object.isFrozen(context))
  assert.deepEqual(Object.keys(context['log'] as object), ['debug', 'info', 'warn', 'error'])
})

test('a power that is not granted throws the sentence that says where to ask for it', () => {
  const context = createContext(SETTINGS, new GuestLog(ISOLATE_LIMITS, true)) as { kv: unknown }
  assert.throws(() => context.kv, /ctx\.kv is not granted/)
})

test('freezing reaches every level', () => {
  const config = deepFreeze({ a: { b: [{ c: 1 }] } })
  assert.ok(Object.isFrozen(config.a.b[0]))
})
