import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Asker, Outcome, PluginPublication, PowerPorts } from '../../../../sandbox/index.ts'
import { MemoryKv } from '../../../../src/engine/memory/memory-kv.ts'
import { PluginStage } from '../../../support/plugin-stage.ts'

const EVERYTHING = { log: true, kv: true, timers: true, publish: true } as const

const PLUGIN = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
let shared
export default definePlugin({
  capabilities: { log: true, kv: { bytes: 65536 }, timers: true },
  setup: async (ctx) => {
    const written = await ctx.kv.set('starts', ((await ctx.kv.get('starts'))?.value ?? 0) + 1)
    ctx.log.info('set up ' + written.version)
  },
  authorizePublish: async (event, ctx) => {
    const [word, key] = event.topic.split('/')
    if (word === 'starts') return deny({ note: String((await ctx.kv.get('starts'))?.value) })
    if (word === 'set') return (await ctx.kv.set(key, 'x')).ok ? allow() : deny()
    if (word === 'has') return (await ctx.kv.get(key)) === undefined ? deny() : allow()
    if (word === 'forget') { void ctx.kv.set(key, 'y'); return allow() }
    if (word === 'pingpong') for (;;) await ctx.kv.get('k')
    if (word === 'never') { await ctx.kv.get('k'); return new Promise(() => {}) }
    if (word === 'spin') { await ctx.kv.get('k'); for (;;); }
    if (word === 'throw') { await ctx.kv.get('k'); throw new Error('after') }
    if (word === 'bad') {
      return ctx.kv.get('').then(allow, (error) => deny({ note: error.name + ' ' + error.code }))
    }
    if (word === 'stray') { shared = ctx; return allow() }
    if (word === 'late') return shared.kv.get('k').then(allow)
    if (word === 'timer') {
      return new Promise((resolve) => ctx.timers.after(100, (later) => {
        later.log.info('rang')
        resolve(allow())
      }))
    }
    return allow()
  },
})`

async function staged(ports: PowerPorts = { kv: new MemoryKv() }) {
  const stage = await PluginStage.open({ ports })
  const plugin = await stage.prepare(PLUGIN, {}, EVERYTHING)
  return { stage, tenant: await stage.tenant('t', plugin, { wallMs: 2000, softMs: 200 }) }
}

test('setup may wait for powers, and the plugin is active when it has ended', async () => {
  const { stage, tenant } = await staged()
  await using _ = stage
  assert.equal(tenant.plugin.state, 'active')
  assert.deepEqual(stage.toldOf('pluginLog')[0]?.slice(3, 4), ['set up 1'])
  assert.deepEqual((await tenant.publish('starts')).verdict, { verdict: 'deny', note: '1' })
})

test('a hook waits for powers while other questions of its plugin are answered', async () => {
  const { stage, tenant } = await staged()
  await using _ = stage
  const answers = await Promise.all(
    ['has/a', 'set/a', 'quick', 'has/b'].map((topic) => tenant.publish(topic)),
  )
  assert.deepEqual(
    answers.map((each) => each.verdict?.verdict),
    ['deny', 'allow', 'allow', 'deny'],
  )
  assert.equal((await tenant.publish('has/a')).verdict?.verdict, 'allow')
})

test('a call that nobody awaits happens all the same', async () => {
  const { stage, tenant } = await staged()
  await using _ = stage
  assert.equal((await tenant.publish('forget/c')).verdict?.verdict, 'allow')
  assert.equal((await tenant.publish('has/c')).verdict?.verdict, 'allow')
})

test('each question ends in one word, also after it has waited', async () => {
  const { stage, tenant } = await staged()
  await using _ = stage
  const words: string[] = []
  for (const topic of ['pingpong', 'throw', 'stray', 'late', 'bad'])
    words.push((await tenant.publish(topic)).outcome)
  assert.deepEqual(words, ['threw', 'threw', 'ok', 'threw', 'ok'])
  assert.deepEqual((await tenant.publish('bad')).verdict, {
    verdict: 'deny',
    note: 'CapabilityError invalid',
  })
  // no timer runs, and nothing is outstanding any more
  assert.equal((await tenant.publish('never')).outcome, 'unsettled')
  assert.equal((await tenant.publish('spin')).outcome, 'timeout')
  assert.equal((await tenant.publish('set/d')).verdict?.verdict, 'allow')
  const details = stage.toldOf('pluginFaulted').map((args) => String(args[4]))
  assert.match(details.find((detail) => detail.includes('times')) ?? '', /a call may use powers 8 times/)
  assert.ok(details.some((detail) => detail.includes('has ended')))
})

test('a question may wait for a timer, which has a ctx of its own', async () => {
  const { stage, tenant } = await staged()
  await using _ = stage
  assert.equal((await tenant.publish('timer')).verdict?.verdict, 'allow')
  assert.ok(stage.toldOf('pluginLog').some((args) => args[3] === 'rang'))
})

test('a power that does not answer ends the waiting, not the plugin', async () => {
  const kv = new MemoryKv()
  const silent = Promise.withResolvers<undefined>()
  const waits = {
    get: () => silent.promise,
    set: kv.set.bind(kv),
    delete: kv.delete.bind(kv),
    list: kv.list.bind(kv),
  }
  await using stage = await PluginStage.open({ ports: { kv: waits } })
  const source = PLUGIN.replace(/setup: async[\s\S]*?\},\n/, '')
  const plugin = await stage.prepare(source, {}, EVERYTHING)
  const tenant = await stage.tenant('t', plugin, { waitMs: { authenticate: 300, authorize: 100 } })
  assert.equal((await tenant.publish('has/a')).outcome, 'unsettled')
  assert.equal((await tenant.publish('quick')).verdict?.verdict, 'allow')
  assert.equal(stage.toldOf('cellEnded').length, 0)
  silent.resolve(undefined)
  assert.equal((await tenant.publish('set/a')).verdict?.verdict, 'allow')
})

test('a plugin that says how long it waits waits no longer, whatever its tenant may', async () => {
  const kv = Object.assign(new MemoryKv(), { get: () => new Promise<undefined>(() => {}) })
  await using stage = await PluginStage.open({ ports: { kv } })
  const source = PLUGIN.replace(/setup: async[\s\S]*?\},\n/, '')
  const plugin = await stage.prepare(source, {}, EVERYTHING, { authorize: 100 })
  // its tenant's patience is longer than any test's
  const tenant = await stage.tenant('t', plugin, { waitMs: { authenticate: 60_000, authorize: 60_000 } })
  assert.equal((await tenant.publish('has/a')).outcome, 'unsettled')
  assert.equal((await tenant.publish('quick')).verdict?.verdict, 'allow')
})

test('what waits is answered when its tenant stops, and when its cell dies', async () => {
  const never = { get: () => new Promise<undefined>(() => {}) }
  const kv = Object.assign(new MemoryKv(), never)
  await using stage = await PluginStage.open({ ports: { kv } })
  const plugin = await stage.prepare(PLUGIN.replace(/setup: async[\s\S]*?\},\n/, ''), {}, EVERYTHING)
  const tenant = await stage.tenant('t', plugin, { waitMs: { authenticate: 60_000, authorize: 60_000 } })
  const first = tenant.publish('has/a')
  await tenant.publish('quick')
  process.kill(-(tenant.plugins.pid as number), 'SIGKILL')
  assert.equal((await first).outcome, 'crash')
  const second = tenant.publish('has/a')
  await tenant.publish('quick')
  await tenant.plugins.stop()
  assert.equal((await second).outcome, 'stopped')
})

const PUBLISHER = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 65536 }, publish: { topics: ['out/#'] } },
  authorizePublish: async (event, ctx) => {
    const [word] = event.topic.split('/')
    ctx.publish({ topic: 'out/' + word, payload: 'from ' + event.topic })
    if (word === 'outside') ctx.publish({ topic: 'in/a' })
    if (word === 'flood') for (;;) ctx.publish({ topic: 'out/more' })
    if (word === 'late') await ctx.kv.get('k')
    if (word === 'wrong') return 'yes'
    if (word === 'throw') throw new Error('no')
    return allow()
  },
  onBrokerClientConnected: (event, ctx) => ctx.publish({ topic: 'out/hello' }),
})`

test('effects happen if and only if their question ended in a verdict that holds', async () => {
  const published: PluginPublication[] = []
  const ports: PowerPorts = {
    kv: new MemoryKv(),
    publish: (_tenant, _plugin, each) => published.push(each) > 0,
  }
  await using stage = await PluginStage.open({ ports })
  const tenant = await stage.tenant('t', await stage.prepare(PUBLISHER, {}, EVERYTHING))
  const words: string[] = []
  for (const topic of ['plain', 'late', 'wrong', 'throw', 'flood', 'outside']) {
    words.push((await tenant.publish(topic)).outcome)
  }
  assert.deepEqual(words, ['ok', 'ok', 'bad-verdict', 'threw', 'threw', 'threw'])
  tenant.plugin.tell('onBrokerClientConnected', null, '{}')
  // effects happen in the tenant's turn, soon after their answers
  while (published.length < 3) await tenant.publish('throw')
  assert.deepEqual(
    published.map(({ topic }) => topic),
    ['out/plain', 'out/late', 'out/hello'],
  )
  assert.ok(
    stage.toldOf('pluginLog').some((args) => String(args[3]).includes('ctx.publish refused: topic in/a')),
  )
})

const STRAYING = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 65536 } },
  authorizePublish: async (event, ctx) => {
    if (event.topic === 'wait') await ctx.kv.get('slow')
    if (event.topic === 'stray') void ctx.kv.set('k', 1).then(() => { throw new Error('astray') })
    return allow()
  },
})`

test('what a plugin throws where nobody waits costs its isolate, and each question is answered once', async () => {
  const slow = new Promise<undefined>(() => {})
  const kv = Object.assign(new MemoryKv(), { get: () => slow })
  await using stage = await PluginStage.open({ ports: { kv } })
  const plugin = await stage.prepare(STRAYING, {}, EVERYTHING)
  const patient = { authenticate: 60_000, authorize: 60_000 }
  const tenant = await stage.tenant('t', plugin, { waitMs: patient })
  const answers = new Map<string, Outcome[]>()
  const asker = (topic: string): Asker => {
    answers.set(topic, [])
    return { answered: (_slot, outcome) => answers.get(topic)?.push(outcome) }
  }
  const ask = (topic: string): void => {
    const event = JSON.stringify({ topic, qos: 0, retain: false })
    tenant.plugin.ask('authorizePublish', null, event, asker(topic), 0)
  }
  ask('wait')
  ask('stray')
  await stage.until(() => stage.toldOf('pluginFaulted').length > 0)
  assert.deepEqual([answers.get('wait'), answers.get('stray')], [['threw'], ['ok']])
  assert.match(String(stage.toldOf('pluginFaulted')[0]?.[4]), /astray/)
  // the isolate is made anew in the same cell, and nothing of it counts as a strike
  assert.equal((await tenant.publish('next')).outcome, 'ok')
  assert.deepEqual([answers.get('wait'), answers.get('stray')], [['threw'], ['ok']])
  // with nobody waiting it is told all the same
  ask('stray')
  await stage.until(() => stage.toldOf('pluginFaulted').length > 1)
  assert.deepEqual(stage.toldOf('pluginFaulted')[1]?.slice(2, 4), ['resume', 'threw'])
  assert.equal(stage.toldOf('cellEnded').length, 0)
})
