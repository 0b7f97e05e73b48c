import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { DEFAULT_LIMITS, type PowerPorts } from '../../sandbox/index.ts'
import { type LoadedPlugin, type LoadOptions, loadPlugin, TestKv } from '../../sandbox/test-kit.ts'
import { pluginFolder } from '../support/plugin-folder.ts'

async function load(t: TestContext, source: string, options: LoadOptions = {}): Promise<LoadedPlugin> {
  const folder = await pluginFolder(t, { 'plugin.ts': source })
  const plugin = await loadPlugin(folder, options)
  t.after(() => plugin.close())
  return plugin
}

test('a question is answered with outcome, verdict, log lines and time', async (t) => {
  const plugin = await load(
    t,
    `import { definePlugin, deny, text } from 'bulkhead/plugin'
    export default definePlugin({
      capabilities: { log: true, payload: true },
      authorizePublish(event, ctx) {
        ctx.log.warn('asked', { tenant: ctx.tenant, client: event.client.clientId, text: text(event) })
        return deny('quotaExceeded', 'enough')
      },
    })`,
    { tenant: 'acme' },
  )
  const { outcome, verdict, logs, effects, micros } = await plugin.authorizePublish({ payload: 'grüß' })
  assert.equal(outcome, 'ok')
  assert.deepEqual(verdict, { verdict: 'deny', code: 0x97, reason: 'enough' })
  const fields = { tenant: 'acme', client: 'test-client', text: 'grüß' }
  assert.deepEqual(logs, [{ level: 'warn', text: 'asked', fields }])
  assert.deepEqual(effects, [])
  assert.ok(micros > 0)
})

test('bytes reach the plugin as bytes', async (t) => {
  const plugin = await load(
    t,
    `export default {
      capabilities: { log: true, password: true },
      authenticate: ({ password }, { log }) => (log.info([...password].join()), true),
    }`,
  )
  const { logs } = await plugin.authenticate({ username: 'a', password: Uint8Array.of(0, 255, 10) })
  assert.equal(logs[0]?.text, '0,255,10')
})

test('a throw is an outcome with its place in the source', async (t) => {
  const plugin = await load(
    t,
    `export default {\n  authorizePublish() {\n    throw new Error('boom')\n  },\n}`,
  )
  const { outcome, verdict, detail } = await plugin.authorizePublish()
  assert.deepEqual([outcome, verdict], ['threw', null])
  assert.match(detail, /boom.*plugin\.ts:3:\d+/s)
})

test('what is told is waited for, and its failure is told apart from a question’s', async (t) => {
  const plugin = await load(
    t,
    `export default {
      capabilities: { log: true },
      onBrokerPostStart: (event, { log }) => log.info(event.version),
      onBrokerPreShutdown() { throw new Error('late') },
    }`,
  )
  assert.equal((await plugin.onBrokerPostStart({ version: '9' })).logs[0]?.text, '9')
  const { outcome, detail } = await plugin.onBrokerPreShutdown()
  assert.equal(outcome, 'threw')
  assert.match(detail, /late/)
  assert.equal((await plugin.onBrokerPostStart()).outcome, 'ok')
})

test('calls that are made at once keep their own log lines', async (t) => {
  const plugin = await load(
    t,
    `export default {
      capabilities: { log: true },
      authorizePublish: ({ topic }, { log }) => (log.info(topic), true),
    }`,
  )
  const topics = ['a', 'b', 'c']
  const asked = await Promise.all(topics.map((topic) => plugin.authorizePublish({ topic })))
  assert.deepEqual(
    asked.map(({ logs }) => logs.map(({ text }) => text)),
    [['a'], ['b'], ['c']],
  )
})

const COUNTER = `import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: {
    kv: { bytes: 1024 }, publish: { topics: ['out/#'] }, metrics: true, log: true,
    fetch: { hosts: ['example.com'] }, sessions: true, retained: true, subscriptions: true, subscribe: true,
  },
  async authorizePublish(event, ctx) {
    const count = ((await ctx.kv.get('count'))?.value ?? 0) + 1
    await ctx.kv.set('count', count)
    ctx.metrics.count('seen')
    ctx.publish({ topic: 'out/count', payload: String(count), retain: true })
    if (event.topic === 'denied') throw new Error('nothing of this happens')
    return allow()
  },
  async onBrokerPostStart(event, ctx) {
    await ctx.kv.get('count')
    ctx.publish({ topic: 'out/start' })
  },
  async onBrokerPreShutdown(event, ctx) {
    const found = [await ctx.sessions.get('c'), await ctx.retained.list('#')]
    found.push(await ctx.subscriptions.matching('a'))
    const why = async (asked) => asked.then(() => 'done', (error) => error.code)
    found.push(await why(ctx.fetch('https://example.com/')), await why(ctx.subscribe('c', 'a')))
    ctx.log.info(JSON.stringify(found))
  },
})`

test('what a call did with its powers stands in its effects, if it ended well', async (t) => {
  const plugin = await load(t, COUNTER)
  const seen = { capability: 'metrics', kind: 'count', name: 'seen', value: 1 }
  for (const count of ['1', '2']) {
    const { outcome, effects } = await plugin.authorizePublish()
    assert.equal(outcome, 'ok')
    assert.deepEqual(effects[0], seen)
    const [, published] = effects
    assert.ok(published?.capability === 'publish')
    const { topic, payload, retain } = published
    assert.deepEqual([topic, Buffer.from(payload).toString(), retain], ['out/count', count, true])
  }
  const { outcome, effects } = await plugin.authorizePublish({ topic: 'denied' })
  assert.deepEqual([outcome, effects], ['threw', []])
})

test('what is told and awaits powers is waited for as well', async (t) => {
  const plugin = await load(t, COUNTER)
  const { outcome, effects } = await plugin.onBrokerPostStart()
  assert.equal(outcome, 'ok')
  assert.deepEqual(
    effects.map((effect) => effect.capability === 'publish' && effect.topic),
    ['out/start'],
  )
})

test('what a timer does belongs to no call', async (t) => {
  const plugin = await load(
    t,
    `import { definePlugin } from 'bulkhead/plugin'
    export default definePlugin({
      capabilities: { publish: { topics: ['out/#'] }, timers: true },
      setup: (ctx) => { ctx.timers.after(200, (later) => later.publish({ topic: 'out/timer' })) },
      onClose() {},
    })`,
  )
  const effect = await plugin.nextEffect()
  assert.ok(effect.capability === 'publish' && effect.topic === 'out/timer')
})

test('without ports of its own a plugin finds nobody there, and reaches nothing', async (t) => {
  const plugin = await load(t, COUNTER)
  const { logs, effects } = await plugin.onBrokerPreShutdown()
  assert.equal(logs[0]?.text, '[null,[],[],"unavailable","unavailable"]')
  assert.deepEqual(effects, [{ capability: 'subscribe', clientId: 'c', filter: 'a', qos: 0 }])
})

test('ports that a test brings take the place of the defaults', async (t) => {
  const kv = new TestKv()
  const quota = { pluginBytes: 1024, tenantBytes: 1024 }
  const published: string[] = []
  const publish: NonNullable<PowerPorts['publish']> = (_tenant, _plugin, { payload }) =>
    published.push(Buffer.from(payload).toString()) > 0
  const plugin = await load(t, COUNTER, { tenant: 'acme', ports: { kv, publish } })
  await kv.set('acme', plugin.name, 'count', '41', undefined, quota)
  await plugin.authorizePublish()
  assert.deepEqual(published, ['42'])
  assert.equal((await kv.get('acme', plugin.name, 'count'))?.value, '42')
})

test('a busy machine fails no test: a plugin has more time than in production, unless the test says so', async (t) => {
  const source = `
    import { allow, definePlugin } from 'bulkhead/plugin'
    export default definePlugin({
      authorizePublish: () => {
        for (const until = Date.now() + 4 * ${DEFAULT_LIMITS.softMs}; Date.now() < until;);
        return allow()
      },
    })`
  assert.equal((await (await load(t, source)).authorizePublish()).outcome, 'ok')
  const production = await load(t, source, { limits: { softMs: DEFAULT_LIMITS.softMs } })
  assert.equal((await production.authorizePublish()).outcome, 'timeout')
})

suite('what the broker would refuse, a test is refused too', () => {
  test('a bundle above the limit that the test names', (t) =>
    assert.rejects(
      load(t, `export default { authenticate: () => '${'x'.repeat(1024)}' }`, { limits: { bundleKiB: 1 } }),
      {
        code: 'ERR_PLUGIN_BUILD',
      },
    ))

  test('a hook that the plugin does not have', async (t) => {
    const plugin = await load(t, 'export default { authenticate: () => true }')
    await assert.rejects(plugin.authorizePublish(), /the plugin has no authorizePublish; it has authenticate/)
  })

  test('options that do not fit', (t) =>
    assert.rejects(load(t, 'export default { authenticate: () => true }', { config: { a: 1 } }), {
      code: 'ERR_PLUGIN_CONFIG',
    }))

  test('a capability that is not granted', (t) =>
    assert.rejects(load(t, 'export default { capabilities: { log: true } }', { capabilities: {} }), {
      code: 'ERR_PLUGIN_CAPABILITY',
    }))

  test('a setup that throws', (t) =>
    assert.rejects(load(t, `export default { setup() { throw new Error('not today') } }`), {
      code: 'ERR_PLUGIN_LOAD',
      message: /not today/,
    }))
})
