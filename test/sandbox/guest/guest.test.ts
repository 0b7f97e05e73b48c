import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Outcome, PluginPublication, PowerPorts } from '../../../sandbox/index.ts'
import { RESPAWN_BACKOFF_MS } from '../../../sandbox/limits.ts'
import { MemoryKv } from '../../../src/engine/memory/memory-kv.ts'
import { PluginStage } from '../../support/plugin-stage.ts'

const EVERYTHING = { log: true, kv: true, timers: true, publish: true } as const

/** A plugin that asks for everything, from the text of its hooks. */
function pluginOf(hooks: string, before = ''): string {
  return `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
${before}
export default definePlugin({
  capabilities: { log: true, kv: { bytes: 65536 }, timers: true, publish: { topics: ['out/#'] } },
  ${hooks}
})`
}

/** A tenant of one such plugin; clocks are set so that the machine's load ends nothing. */
async function staged(hooks: string, limits: object = {}, before = '') {
  const published: PluginPublication[] = []
  const kv = new MemoryKv()
  const ports: PowerPorts = { kv, publish: (_tenant, _plugin, each) => published.push(each) > 0 }
  const stage = await PluginStage.open({ ports })
  const plugin = await stage.prepare(pluginOf(hooks, before), {}, EVERYTHING)
  const tenant = await stage.tenant('t', plugin, { wallMs: 5000, softMs: 500, ...limits })
  return { stage, tenant, kv, published }
}

function all(tenant: { publish(topic: string): Promise<{ outcome: Outcome }> }, topics: readonly string[]) {
  return Promise.all(topics.map(async (topic) => (await tenant.publish(topic)).outcome))
}

/** Effects happen in turns of the loop. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn()
}

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `topic/${index}`)

test('questions that end together may each have left writes that nobody awaits', async () => {
  const { stage, tenant, kv } = await staged(`
    authorizePublish: async (event, ctx) => {
      await ctx.kv.get('k')
      for (let n = 0; n < 3; n += 1) void ctx.kv.set(event.topic + n, n)
      return allow()
    },`)
  await using _ = stage
  assert.deepEqual(new Set(await all(tenant, many(40))), new Set(['ok']))
  // the last question's writes were made before this one's answer
  await tenant.publish('last')
  assert.equal((await kv.list('t', 'guard', 'topic/', undefined, 1000)).length, 120)
  assert.equal(stage.toldOf('cellEnded').length, 0)
})

test('answers at once and promises may alternate, whatever they are of', async () => {
  const { stage, tenant } = await staged(`
    authorizePublish: (event) =>
      event.topic.match(/[02468]$/) ? deny('notAuthorized') : Promise.resolve(allow({ maxQos: 1 })),`)
  await using _ = stage
  const answers = await Promise.all(many(40).map((topic) => tenant.publish(topic)))
  assert.deepEqual(
    answers.map(({ verdict }) => verdict?.verdict),
    many(40).map((_topic, place) => (place % 2 === 0 ? 'deny' : 'allow')),
  )
  assert.equal(stage.toldOf('cellEnded').length, 0)
})

test('timers may be started and cancelled at every question', async () => {
  const { stage, tenant } = await staged(`
    setup: (ctx) => { for (let n = 0; n < 14; n += 1) ctx.timers.every(60000, () => {}) },
    authorizePublish: async (event, ctx) => {
      const timer = ctx.timers.after(60000, () => {})
      await ctx.kv.get('k')
      timer.cancel()
      return allow()
    },`)
  await using _ = stage
  for (const topic of many(50)) assert.equal((await tenant.publish(topic)).outcome, 'ok')
  assert.equal(stage.toldOf('cellEnded').length, 0)
  // more at once than a plugin may have: its own mistake, told as one
  assert.deepEqual(new Set(await all(tenant, many(10))), new Set(['ok', 'threw']))
  assert.equal(stage.toldOf('cellEnded').length, 0)
})

test('a setup that hangs after it has waited is tried again with backoff, not at once', async () => {
  const { stage, tenant } = await staged(`setup: async (ctx) => { await ctx.kv.get('k'); for (;;); },`, {
    softMs: 50,
  })
  await using _ = stage
  const startedAt = performance.now()
  assert.equal(tenant.plugin.state, 'failed')
  const failures = (): number => stage.toldOf('pluginFaulted').length
  assert.equal(failures(), 1)
  await stage.until(() => failures() > 1)
  assert.ok(performance.now() - startedAt > RESPAWN_BACKOFF_MS.first / 2)
  assert.equal(stage.toldOf('cellEnded').length, 0)
})

test('a setup that rejects with nothing to say has failed all the same', async () => {
  const { stage, tenant } = await staged(`setup: async () => { throw { message: '' } },`)
  await using _ = stage
  assert.equal(tenant.plugin.state, 'failed')
})

test('onClose may use powers: what it asks happens, and what it leaves to be done', async () => {
  const { stage, tenant, kv, published } = await staged(`
    onClose: async (event, ctx) => {
      ctx.publish({ topic: 'out/bye' })
      await ctx.kv.set('closed', 1)
    },
    authorizePublish: () => allow(),`)
  await using _ = stage
  await tenant.plugins.stop()
  assert.equal((await kv.get('t', 'guard', 'closed'))?.value, '1')
  // it awaits what nobody can bring any more, so that it has not come to its end
  assert.deepEqual(published, [])
})

test('what onClose publishes leaves if it ends well', async () => {
  const { stage, tenant, published } = await staged(`
    onClose: (event, ctx) => ctx.publish({ topic: 'out/bye' }),`)
  await using _ = stage
  await tenant.plugins.stop()
  assert.deepEqual(
    published.map(({ topic }) => topic),
    ['out/bye'],
  )
})

test('a question that has waited too long is let go: its ctx is of no more use', async () => {
  const { stage, tenant } = await staged(
    `
    setup: (ctx) => {
      ctx.timers.every(100, (later) => {
        for (const each of kept.splice(0)) each.kv.get('k').catch(() => {})
      })
    },
    authorizePublish: (event, ctx) => {
      if (event.topic === 'quick') return allow()
      if (event.topic === 'kept') {
        try { old.kv.get('k') } catch (error) { return deny({ note: error.code }) }
        return allow()
      }
      old = ctx
      return new Promise(() => {})
    },`,
    { waitMs: { authenticate: 50, authorize: 50 } },
    'const kept = []; let old',
  )
  await using _ = stage
  assert.equal((await tenant.publish('never')).outcome, 'unsettled')
  assert.deepEqual((await tenant.publish('kept')).verdict, { verdict: 'deny', note: 'notAllowed' })
})

test('the largest verdicts of a full batch, at once or late, are no reason to kill the cell', async () => {
  const { stage, tenant } = await staged(`
    authorizePublish: async (event, ctx) => {
      if (event.topic.startsWith('late')) await ctx.kv.get('k')
      return deny({ note: '€'.repeat(16000) })
    },`)
  await using _ = stage
  // whatever becomes of them: such notes are longer than a verdict's may be
  for (const topics of [many(64), many(64).map((topic) => `late/${topic}`)]) await all(tenant, topics)
  assert.equal((await tenant.publish('more')).outcome, 'bad-verdict')
  assert.equal(stage.toldOf('cellEnded').length, 0)
})

/** Whatever the guest assigns to, the plugin hears of, or swallows. */
const POISON = `
let stolen = 0
function poison() {
  const words = ['call', 'json', 'next', 'resolve', 'reject', 'read', 'owner', 'number', 'ended', 'callsLeft',
    'left', 'effects', 'publish', 'metrics', 'answer', 'place', 'before', 'run', 'repeats', 'text', 'value',
    'get', 'set', 'code', 'message', 'name', 'payload', 'client', 'then', 'topics', 'writable']
  for (const word of words) {
    if (['name', 'message', 'then', 'get', 'set', 'writable', 'value'].includes(word)) continue
    const trap = { get: () => undefined, set: () => { stolen += 1 }, configurable: true }
    Object.defineProperty(Object.prototype, word, trap)
  }
  Promise.prototype.then = function () { throw new Error('then') }
  const fn = Object.getPrototypeOf(() => {})
  fn.call = fn.apply = fn.bind = () => 'called'
  Array.prototype.push = Array.prototype.indexOf = () => 0
  String.prototype.slice = String.prototype.split = String.prototype.startsWith = () => 'text'
  JSON.stringify = JSON.parse = () => '{"a":[1]}'
  WeakMap.prototype.get = Map.prototype.get = () => ({})
  Object.freeze = Object.create = Reflect.ownKeys = () => ({})
  Symbol.prototype.toString = () => 'symbol'
  Object.defineProperty(Array.prototype, '0', { set() { stolen += 1 } })
  globalThis.Promise = class extends Promise {}
}
`

test('a plugin that poisons its realm gets neither more calls nor another answer', async () => {
  const { stage, tenant, published } = await staged(
    `
    setup: poison,
    authorizePublish: async (event, ctx) => {
      let refused = ''
      for (let n = 0; n < 20 && refused === ''; n += 1) {
        try { ctx.kv.set('k' + n, n) } catch (error) { refused = n + ' ' + error.code }
      }
      let left = 0
      try { for (;; left += 1) ctx.publish({ topic: 'out/a' }) } catch {}
      return deny({ note: refused + ' ' + left + ' ' + stolen })
    },`,
    {},
    POISON,
  )
  await using _ = stage
  assert.deepEqual(await tenant.publish('a'), {
    outcome: 'ok',
    verdict: { verdict: 'deny', note: '8 limit 4 0' },
  })
  await until(() => published.length === 4)
})

const SPECIES = `
class Odd extends Promise {
  static get [Symbol.species]() { throw new Error('species') }
}
function twice(run) {
  const promise = Promise.resolve(true)
  const kinds = []
  Object.defineProperty(promise, 'constructor', { value: { [Symbol.species]: function (executor) {
    executor((value) => kinds.push(value), () => kinds.push('rejected'))
    run()
  } } })
  return promise
}`

test('a promise with its own species is answered once, whatever the species does', async () => {
  const { stage, tenant } = await staged(
    `
    authorizePublish: (event, ctx) => {
      if (event.topic === 'odd') return Odd.resolve(true)
      if (event.topic === 'throws') return twice(() => { throw new Error('again') })
      if (event.topic === 'again') return twice(() => { ctx.kv.set('k', 1) })
      const thenable = { then: (resolve) => { resolve(true); resolve(false) } }
      return event.topic === 'thenable' ? thenable : Promise.resolve(thenable)
    },`,
    {},
    SPECIES,
  )
  await using _ = stage
  assert.deepEqual(await all(tenant, ['odd', 'throws', 'again', 'thenable', 'inside']), [
    'bad-verdict',
    'bad-verdict',
    'ok',
    'bad-verdict',
    'ok',
  ])
  assert.equal(stage.toldOf('cellEnded').length, 0)
})

test('what crosses is what was read once, of getters, proxies and toJSON alike', async () => {
  const { stage, tenant, published, kv } = await staged(`
    authorizePublish: async (event, ctx) => {
      let reads = 0
      const shifty = { get topic() { reads += 1; return reads === 1 ? 'out/a' : 'in/b' }, payload: 'x' }
      ctx.publish(shifty)
      ctx.publish(new Proxy({}, { get: (_, name) => (name === 'topic' ? 'out/proxy' : undefined) }))
      const written = await ctx.kv.set('k', { toJSON: () => ({ reads: (reads += 1) }) })
      const wrong = await ctx.kv.set({ toJSON: () => 'own' }, 1)
      try { ctx.publish({ get topic() { throw new Error('mine') } }) } catch (error) {
        return deny({ note: error.message + ' ' + reads })
      }
      return allow()
    },`)
  await using _ = stage
  assert.deepEqual((await tenant.publish('a')).verdict, { verdict: 'deny', note: 'mine 2' })
  await until(() => published.length === 2)
  assert.deepEqual(
    published.map(({ topic }) => topic),
    ['out/a', 'out/proxy'],
  )
  assert.equal((await kv.get('t', 'guard', 'k'))?.value, '{"reads":2}')
  assert.equal((await kv.get('t', 'guard', 'own'))?.value, '1')
})
