import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, PluginStage } from '../../support/plugin-stage.ts'

const PLUGIN = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
let ready = false
export default definePlugin({
  capabilities: { log: true },
  setup: async (ctx) => {
    await null
    ready = true
    ctx.log.info('ready')
  },
  authorizePublish: (event, ctx) => {
    if (event.topic === 'spin') for (const end = Date.now() + 12; Date.now() < end; );
    if (event.topic === 'fail') throw new TypeError('no')
    if (event.topic === 'power') return ctx.kv
    if (event.topic === 'nothing') return
    return ready && event.client?.principal === 'alice' ? allow() : deny()
  },
  authorizeSubscribe: async (event, ctx) => {
    await null
    ctx.log.info('later')
    if (event.topic === 'fail') throw new Error('later')
    return allow({ maxQos: 1 })
  },
  onBrokerClientConnected: (event, ctx) => ctx.log.info('hello', { who: event.client.clientId }),
  onClose: (event, ctx) => ctx.log.info('bye'),
})`

test('setup runs before any question, and its promise is waited for', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN))
  assert.deepEqual(stage.toldOf('pluginLog')[0], ['t', 'guard', 'info', 'ready', undefined])
  const alice = stage.host.subject('{"clientId":"c1","principal":"alice"}')
  assert.deepEqual(await tenant.publish('a', alice), { outcome: 'ok', verdict: { verdict: 'allow' } })
  assert.equal((await tenant.publish('a')).verdict?.verdict, 'deny')
})

test('a throw, a missing return, a power not granted: faults with a place in the source', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN))
  assert.equal((await tenant.publish('fail')).outcome, 'threw')
  assert.equal((await tenant.publish('power')).outcome, 'threw')
  assert.equal((await tenant.publish('nothing')).outcome, 'bad-verdict')
  const details = stage.toldOf('pluginFaulted').map((args) => String(args[4]))
  assert.match(details[0] ?? '', /^TypeError: no \(plugin\.ts:13:\d+\)$/)
  assert.match(details[1] ?? '', /ctx\.kv/)
  assert.match(details[2] ?? '', /forgot return\? use abstain\(\)/)
})

test('an async hook is answered in the same frame, whatever became of its promise', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN))
  const answers = await Promise.all([
    tenant.ask('authorizeSubscribe', { topic: 'a' }),
    tenant.ask('authorizeSubscribe', { topic: 'fail' }),
    tenant.publish('a'),
  ])
  assert.deepEqual(
    answers.map((answer) => answer.outcome),
    ['ok', 'threw', 'ok'],
  )
  assert.deepEqual(answers[0]?.verdict, { verdict: 'allow', maxQos: 1 })
})

test('a batch that takes too long stops, and the rest is asked again, each question once', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN), { wallMs: 5000, softMs: 1000 })
  const alice = stage.host.subject('{"clientId":"c1","principal":"alice"}')
  const asked: Promise<Answer>[] = []
  for (let turn = 0; turn < 30; turn += 1) asked.push(tenant.publish('spin', alice))
  const answers = await Promise.all(asked)
  assert.deepEqual(new Set(answers.map((answer) => answer.verdict?.verdict)), new Set(['allow']))
})

test('tellers are told, with their client, and onClose is the last', async () => {
  const stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN))
  const alice = stage.host.subject('{"clientId":"c1","principal":"alice"}')
  tenant.plugin.tell('onBrokerClientConnected', alice, '{}')
  alice.release()
  await stage[Symbol.asyncDispose]()
  const lines = stage.toldOf('pluginLog').map((args) => args.slice(3))
  assert.deepEqual(lines, [
    ['ready', undefined],
    ['hello', { who: 'c1' }],
    ['bye', undefined],
  ])
})

const MIRROR = `
import { definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    const { client, ...rest } = event
    const frozen = Object.isFrozen(event) && Object.isFrozen(client)
    return deny({ note: JSON.stringify([client.clientId, rest, frozen]) })
  },
})`

test('a short question comes to the plugin as the very event that a long one is', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(MIRROR))
  const alice = stage.host.subject('{"clientId":"c1","principal":"alice"}')
  for (const topic of ['a/b', 'quoted "and" back\\slashed', 'ünïcödé/😀']) {
    for (const qos of [0, 1, 2] as const) {
      for (const retain of [false, true]) {
        const long = await tenant.ask('authorizePublish', { topic, qos, retain }, alice)
        assert.deepEqual(await tenant.publishShort(topic, qos, retain, alice), long)
        const expected = { verdict: 'deny', note: JSON.stringify(['c1', { topic, qos, retain }, true]) }
        assert.deepEqual(long, { outcome: 'ok', verdict: expected })
      }
    }
  }
})

test('a short question fails as a long one does', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(PLUGIN))
  const alice = stage.host.subject('{"clientId":"c1","principal":"alice"}')
  assert.equal((await tenant.publishShort('fail', 0, false, alice)).outcome, 'threw')
  assert.equal((await tenant.publishShort('nothing', 0, false, alice)).outcome, 'bad-verdict')
  assert.equal((await tenant.publishShort('a', 0, false, alice)).verdict?.verdict, 'allow')
})
