import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Call } from '../../../sandbox/guest/call.ts'
import { Outbox } from '../../../sandbox/guest/outbox.ts'
import { powerFacades } from '../../../sandbox/guest/powers.ts'
import { Timers } from '../../../sandbox/guest/timers.ts'
import type {
  Access,
  CryptoPower,
  Fetch,
  Kv,
  Metrics,
  Publish,
  Retained,
  Sessions,
  Subscribe,
  Subscriptions,
} from '../../../sandbox/sdk/powers.ts'
import type { LoadSettings } from '../../../sandbox/wire/messages.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

interface Ctx {
  readonly access: Access
  readonly kv: Kv
  readonly fetch: Fetch
  readonly sessions: Sessions
  readonly retained: Retained
  readonly subscriptions: Subscriptions
  readonly subscribe: Subscribe
  readonly crypto: CryptoPower
  readonly metrics: Metrics
  readonly publish: Publish
}

function stage(powers: LoadSettings['powers']) {
  const limits = { ...ISOLATE_LIMITS, capabilityCallsPerCall: 100 }
  const outbox = new Outbox(limits)
  const settings: LoadSettings = {
    name: 'gate',
    version: '1.0.0',
    tenant: 'acme',
    config: {},
    hooks: [],
    log: false,
    powers,
    bytes: false,
    brokerConfig: undefined,
    unmeasuredMs: 0,
    absent: {},
    limits,
  }
  const facades = powerFacades(settings, outbox, new Timers(limits, outbox))
  const call = new Call(limits)
  const ctx = Object.fromEntries(
    Object.entries(facades).map(([name, of]) => [name, of?.(call)]),
  ) as unknown as Ctx
  const taken = (): { c?: unknown[][]; x?: unknown[][]; n?: unknown[][] } => {
    const text = outbox.take()
    return JSON.parse(text === '' ? '{}' : `{${text.slice(1)}}`) as object
  }
  /** What was asked of the host: power and argument. */
  const asked = (): unknown[] =>
    (taken().c ?? []).map(([, , power, argument]) => [power, JSON.parse(String(argument)) as unknown])
  return { outbox, call, ctx, asked, taken }
}

/** Answers the first question that is asked, and gives what the plugin gets. */
async function answered(powers: LoadSettings['powers'], ask: (ctx: Ctx) => unknown, answer: unknown) {
  const { outbox, ctx } = stage(powers)
  const promise = ask(ctx)
  outbox.answered(1, true, JSON.parse(JSON.stringify(answer)))
  return promise
}

test('there is nothing but what was granted', () => {
  assert.deepEqual(Object.keys(stage({}).ctx), [])
  assert.deepEqual(Object.keys(stage({ kv: true, metrics: true }).ctx), ['kv', 'metrics'])
  assert.ok(Object.isFrozen(stage({ kv: true }).ctx.kv))
})

test('each power asks the host in the words that the host reads', () => {
  const all = { kv: true, sessions: true, retained: true, subscriptions: true, subscribe: true, crypto: true }
  const { ctx, asked } = stage({ ...all, fetch: { hosts: ['example.com'] } })
  void ctx.kv.get('k')
  void ctx.kv.set('k', { a: 1 }, { ifVersion: 2 })
  void ctx.kv.delete('k')
  void ctx.kv.list('p', { limit: 3, after: 'q' })
  void ctx.sessions.list({ after: 'c' })
  void ctx.retained.list('a/#')
  void ctx.subscriptions.matching('a/b')
  void ctx.subscribe('c', 'a/#', 1)
  void ctx.crypto.hmac('sha256', { secret: 'key' }, Uint8Array.of(1, 2))
  void ctx.crypto.digest('sha1', 'text')
  void ctx.fetch('https://example.com/', { method: 'POST', body: Uint8Array.of(255) })
  assert.deepEqual(asked(), [
    ['kv', { op: 'get', key: 'k' }],
    ['kv', { op: 'set', key: 'k', value: '{"a":1}', ifVersion: 2 }],
    ['kv', { op: 'delete', key: 'k' }],
    ['kv', { op: 'list', prefix: 'p', limit: 3, after: 'q' }],
    ['sessions', { op: 'list', after: 'c' }],
    ['retained', { op: 'list', filter: 'a/#' }],
    ['subscriptions', { op: 'matching', topic: 'a/b' }],
    ['subscribe', { clientId: 'c', filter: 'a/#', qos: 1 }],
    ['crypto', { op: 'hmac', name: 'sha256', key: { secret: 'key' }, data64: 'AQI=' }],
    ['crypto', { op: 'digest', name: 'sha1', data: 'text' }],
    ['fetch', { method: 'POST', body64: '/w==', url: 'https://example.com/' }],
  ])
})

test('what was found comes as the SDK says: undefined for nothing, values parsed, bytes as bytes', async () => {
  const kv = { kv: true }
  assert.equal(await answered(kv, (ctx) => ctx.kv.get('k'), null), undefined)
  const stored = { key: 'k', value: '{"a":[1]}', version: 3 }
  const entry = { key: 'k', value: { a: [1] }, version: 3 }
  assert.deepEqual(await answered(kv, (ctx) => ctx.kv.get('k'), stored), entry)
  assert.deepEqual(await answered(kv, (ctx) => ctx.kv.list(''), [stored]), [entry])
  assert.equal(await answered({ sessions: true }, (ctx) => ctx.sessions.get('c'), null), undefined)
  const message = { topic: 'a', qos: 0, size: 1, payload64: 'AQ==' }
  const bytes = { topic: 'a', qos: 0, size: 1, payload: Uint8Array.of(1) }
  const retained = { retained: true }
  assert.deepEqual(await answered(retained, (ctx) => ctx.retained.get('a'), message), bytes)
  assert.deepEqual(await answered(retained, (ctx) => ctx.retained.list('#'), [message]), [bytes])
  const digest = await answered({ crypto: true }, (ctx) => ctx.crypto.digest('sha1', ''), { bytes64: 'AQI=' })
  assert.deepEqual(digest, Uint8Array.of(1, 2))
  const crypto = { crypto: true }
  const asked = answered(crypto, (ctx) => ctx.crypto.verifyPassword('a', '$2b$'), { matches: true })
  assert.equal(await asked, true)
})

test('a publish is an effect; outside of the granted topics it throws, and the audit hears of it', () => {
  const { ctx, outbox, call, taken } = stage({ publish: { topics: ['out/#'] }, metrics: true })
  ctx.publish({ topic: 'out/a', payload: Uint8Array.of(1), qos: 1 })
  ctx.metrics.count('seen')
  assert.throws(() => ctx.publish({ topic: 'in/a' }), { code: 'notAllowed' })
  assert.throws(() => ctx.publish({ topic: 1 as never }), { code: 'invalid' })
  assert.throws(() => ctx.publish({ topic: 'out/a', payload: {} as never }), { code: 'invalid' })
  outbox.end(call, 0)
  assert.deepEqual(taken(), {
    x: [
      [0, 'publish', '{"topic":"out/a","payload64":"AQ==","qos":1}'],
      [0, 'metrics', '{"op":"count","name":"seen","value":1}'],
    ],
    n: [['publish', 'topic in/a']],
  })
})

test('what is taken back is named; the host judges what it is', () => {
  const { ctx, asked } = stage({ access: true })
  void ctx.access.invalidate({ clientId: 'ann' })
  void ctx.access.invalidate({ tag: 't', extra: 1 } as never)
  assert.throws(() => ctx.access.invalidate(undefined as never), TypeError)
  assert.deepEqual(asked(), [
    ['access', { clientId: 'ann' }],
    ['access', { tag: 't' }],
  ])
})
