import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { type LoadedPlugin, type LoadOptions, loadPlugin, TestKv } from 'bulkhead/test'

const MALLORY = '203.0.113.9'

async function load(t: TestContext, options: LoadOptions = {}): Promise<LoadedPlugin> {
  const plugin = await loadPlugin(import.meta.dirname, { config: { attempts: 3, quietSec: 60 }, ...options })
  t.after(() => plugin.close())
  return plugin
}

async function words(plugin: LoadedPlugin, remoteAddress: string, times: number): Promise<unknown[]> {
  const found: unknown[] = []
  for (let n = 0; n < times; n += 1) {
    const { outcome, verdict } = await plugin.authenticate({ remoteAddress })
    found.push(verdict?.verdict ?? outcome)
  }
  return found
}

suite('who is refused', () => {
  test('an address whose logins fail is refused, and no other', async (t) => {
    const plugin = await load(t)
    assert.deepEqual(await words(plugin, MALLORY, 5), ['abstain', 'abstain', 'abstain', 'deny', 'deny'])
    assert.deepEqual(await words(plugin, '203.0.113.10', 1), ['abstain'])
  })

  test('a refusal is 0x9F, raises one alert and is counted', async (t) => {
    const plugin = await load(t)
    await words(plugin, MALLORY, 3)
    const first = await plugin.authenticate({ remoteAddress: MALLORY })
    assert.ok(first.verdict?.verdict === 'deny')
    assert.equal(first.verdict.code, 0x9f)
    const alerts = first.effects.filter(({ capability }) => capability === 'publish')
    const [alert] = alerts
    assert.ok(alert?.capability === 'publish' && alerts.length === 1)
    assert.equal(alert.topic, 'alerts/login-throttle')
    assert.deepEqual(JSON.parse(Buffer.from(alert.payload).toString()), {
      tenant: 'test',
      remoteAddress: MALLORY,
      attempts: 4,
    })
    const { effects } = await plugin.authenticate({ remoteAddress: MALLORY })
    assert.deepEqual(
      effects.filter((effect) => effect.capability !== 'metrics' || effect.name === 'logins_refused'),
      [{ capability: 'metrics', kind: 'count', name: 'logins_refused', value: 1 }],
    )
  })

  test('a login that succeeds starts the count anew', async (t) => {
    const plugin = await load(t)
    await words(plugin, MALLORY, 3)
    await plugin.onBrokerClientConnected({ client: { remoteAddress: MALLORY } })
    assert.deepEqual(await words(plugin, MALLORY, 2), ['abstain', 'abstain'])
  })
})

suite('what the store does', () => {
  test('the count outlasts the plugin', async (t) => {
    const ports = { kv: new TestKv() }
    await words(await load(t, { ports }), MALLORY, 3)
    assert.deepEqual(await words(await load(t, { ports }), MALLORY, 1), ['deny'])
  })

  test('an address that has become quiet is forgotten', async (t) => {
    const kv = new TestKv()
    const quota = { pluginBytes: 1e6, tenantBytes: 1e6 }
    const longAgo = JSON.stringify({ count: 9, last: 0 })
    const plugin = await load(t, { ports: { kv } })
    const key = `address/${MALLORY}`
    await kv.set('test', plugin.name, key, longAgo, undefined, quota)
    assert.deepEqual(await words(plugin, MALLORY, 1), ['abstain'])
    await kv.set('test', plugin.name, key, longAgo, undefined, quota)
    // it is swept in the turn after the one that counts it
    for (;;) {
      const effect = await plugin.nextEffect()
      if (effect.capability === 'metrics' && effect.name === 'addresses_watched' && effect.value === 0) break
    }
    assert.equal(await kv.get('test', plugin.name, key), undefined)
  })

  test('a full store refuses nobody', async (t) => {
    const kv = new TestKv()
    const full = Object.assign(kv, { set: () => Promise.resolve('full' as const) })
    const plugin = await load(t, { ports: { kv: full } })
    assert.deepEqual(
      await words(plugin, MALLORY, 5),
      Array.from({ length: 5 }, () => 'abstain'),
    )
  })

  test('a store that fails refuses: the broker’s own fault opens nothing', async (t) => {
    const kv = Object.assign(new TestKv(), { get: () => Promise.reject(new Error('disk')) })
    const plugin = await load(t, { ports: { kv } })
    assert.deepEqual(await words(plugin, MALLORY, 1), ['threw'])
  })
})
