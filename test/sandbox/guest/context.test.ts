import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Call } from '../../../sandbox/guest/call.ts'
import { createContexts } from '../../../sandbox/guest/context.ts'
import { GuestLog } from '../../../sandbox/guest/log.ts'
import { Outbox } from '../../../sandbox/guest/outbox.ts'
import { Timers } from '../../../sandbox/guest/timers.ts'
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
  brokerConfig: undefined,
  unmeasuredMs: 0,
  absent: { kv: 'ctx.kv is not granted' },
  limits: ISOLATE_LIMITS,
}

function contextOf(settings: LoadSettings, call = new Call(ISOLATE_LIMITS)): object {
  const outbox = new Outbox(ISOLATE_LIMITS)
  const log = new GuestLog(ISOLATE_LIMITS, true)
  return createContexts(settings, log, outbox, new Timers(ISOLATE_LIMITS, outbox)).of(call)
}

test('the context has the config, the names and the powers that are granted, frozen', () => {
  const context = contextOf(SETTINGS) as Record<string, unknown>
  assert.deepEqual(context['config'], { users: ['alice'] })
  assert.deepEqual(context['plugin'], { name: 'gate', version: '1.2.3' })
  assert.equal(context['tenant'], 'acme')
  assert.ok(Object.isFrozen(context))
  assert.deepEqual(Object.keys(context['log'] as object), ['debug', 'info', 'warn', 'error'])
})

test('a power that is not granted throws the sentence that says where to ask for it', () => {
  const context = contextOf(SETTINGS) as { kv: unknown }
  assert.throws(() => context.kv, /ctx\.kv is not granted/)
})

test('a power belongs to the call whose context it was read from, and to no forged one', () => {
  const call = new Call(ISOLATE_LIMITS)
  const context = contextOf({ ...SETTINGS, absent: {}, powers: { kv: true } }, call) as {
    kv: { get(key: string): unknown }
  }
  void context.kv.get('a')
  assert.equal(call.callsLeft, ISOLATE_LIMITS.capabilityCallsPerCall - 1)
  call.ended = true
  assert.throws(() => context.kv.get('a'), { name: 'CapabilityError', code: 'notAllowed' })
  const forged = Object.create(Object.getPrototypeOf(context) as object) as typeof context
  assert.throws(() => forged.kv, TypeError)
})
