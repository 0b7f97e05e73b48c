import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { suite, test } from 'node:test'
import { processTree } from '../../../sandbox/host/cells/process-tree.ts'
import { TenantCell } from '../../../sandbox/host/tenant-cell.ts'
import { DEFAULT_LIMITS, type Outcome, type Subject } from '../../../sandbox/index.ts'
import { CELL_THREADS } from '../../../sandbox/limits.ts'
import { limitsSchema } from '../../../src/config/limits-schema.ts'
import { MemoryKv } from '../../../src/engine/memory/memory-kv.ts'
import { PluginStage, type StagedTenant } from '../../support/plugin-stage.ts'

/** As many as an operator may allow a tenant. */
const { maximum: MOST_PLUGINS } = (
  limitsSchema('', false) as { properties: { plugins: { maximum: number } } }
).properties.plugins

const GATE = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    if (event.topic === 'loop') for (;;) {}
    if (event.topic === 'stuck') [].includes.call({ length: 2 ** 53 - 1 }, 1)
    return event.topic === event.client?.principal ? allow() : deny()
  },
})`

/** Uses the processor as long as it may. */
const BURNER = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    if (event.topic === 'burn') for (let until = Date.now() + 200; Date.now() < until;) {}
    return allow()
  },
})`

/**
 * A closed loop of questions, each of which must be answered exactly once, and rightly if it is answered at
 * all.
 */
class Load {
  readonly outcomes: Map<Outcome, number> = new Map()
  readonly #tenant: StagedTenant
  readonly #subject: Subject
  readonly #open: boolean[]
  readonly #idle = Promise.withResolvers<void>()
  #running = true

  constructor(tenant: StagedTenant, subject: Subject, underWay: number) {
    this.#tenant = tenant
    this.#subject = subject
    this.#open = Array.from({ length: underWay }, () => false)
    for (let slot = 0; slot < underWay; slot += 1) this.#ask(slot)
  }

  of(outcome: Outcome): number {
    return this.outcomes.get(outcome) ?? 0
  }

  /** Resolves when every question that was asked has its answer. */
  end(): Promise<void> {
    this.#running = false
    return this.#idle.promise
  }

  answered(slot: number, outcome: Outcome, verdict: { readonly verdict: string } | null): void {
    assert.equal(this.#open[slot], true, 'answered once')
    this.#open[slot] = false
    if (outcome === 'ok') assert.equal(verdict?.verdict, slot % 2 === 0 ? 'allow' : 'deny')
    this.outcomes.set(outcome, this.of(outcome) + 1)
    if (this.#running) this.#ask(slot)
    else if (this.#open.every((open) => !open)) this.#idle.resolve()
  }

  #ask(slot: number): void {
    this.#open[slot] = true
    const event = slot % 2 === 0 ? '{"topic":"alice"}' : '{"topic":"bob"}'
    this.#tenant.plugin.ask('authorizePublish', this.#subject, event, this, slot)
  }
}

test('a cell killed under load loses no question and comes back, deciding rightly', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE), { wallMs: 5000, softMs: 1000 })
  const { pid } = tenant.plugins
  assert.ok(pid !== undefined)
  const load = new Load(tenant, stage.host.subject('{"principal":"alice"}'), 500)
  await new Promise((resolve) => setImmediate(resolve))
  // the whole group: what the broker started may stand before the cell
  process.kill(-pid, 'SIGKILL')
  await stage.until(() => stage.toldOf('cellStarted').length === 2)
  assert.notEqual(tenant.plugins.pid, pid)
  const okBefore = load.of('ok')
  await tenant.publish('alice')
  await load.end()
  assert.ok(load.of('ok') > okBefore)
  for (const outcome of load.outcomes.keys()) assert.ok(outcome === 'ok' || outcome === 'crash', outcome)
})

test('a loop costs its own isolate; questions behind it are asked again, in the new one', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE), { wallMs: 5000 })
  const alice = stage.host.subject('{"principal":"alice"}')
  const looped = tenant.publish('loop', alice)
  await new Promise((resolve) => setImmediate(resolve))
  const behind = tenant.publish('alice', alice)
  assert.equal((await looped).outcome, 'timeout')
  assert.deepEqual(await behind, { outcome: 'ok', verdict: { verdict: 'allow' } })
  assert.deepEqual(stage.toldOf('cellEnded'), [])
})

test('what cannot be interrupted is answered by the clock; its cell is killed and comes back', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE))
  assert.equal((await tenant.publish('stuck')).outcome, 'deadline')
  await stage.until(() => stage.toldOf('cellEnded').length === 1)
  assert.match(String(stage.toldOf('cellEnded')[0]?.[2]), /does not come to an end/)
  assert.equal((await tenant.publish('nobody')).verdict?.verdict, 'deny')
})

test('a question for a cell that does not come back in time is answered with loading', async () => {
  await using stage = await PluginStage.open({ startWaitMs: 100 })
  const tenant = await stage.tenant('t', await stage.prepare(GATE))
  for (const kill of [1, 2]) {
    await stage.until(() => stage.toldOf('cellStarted').length === kill)
    const { pid } = tenant.plugins
    assert.ok(pid !== undefined)
    process.kill(pid, 'SIGKILL')
    await stage.until(() => stage.toldOf('cellEnded').length === kill)
  }
  // after a second death within a minute the next start is a second away
  assert.equal((await tenant.publish('alice')).outcome, 'loading')
})

test('a full queue answers overload in the call; congestion is told when it is over', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE), { questionsQueued: 8 })
  const asked = Array.from({ length: 10 }, () => tenant.publish('nobody'))
  assert.equal(tenant.plugins.congested, true)
  const outcomes = (await Promise.all(asked)).map((answer) => answer.outcome)
  assert.deepEqual(outcomes, [...Array<Outcome>(8).fill('ok'), 'overload', 'overload'])
  await stage.until(() => stage.toldOf('relieved').length === 1)
  assert.equal(tenant.plugins.congested, false)
})

test('stopping answers what waits with stopped, and all that comes', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE))
  const waiting = tenant.publish('alice')
  const stopped = tenant.plugins.stop()
  assert.equal((await waiting).outcome, 'stopped')
  assert.equal((await tenant.publish('alice')).outcome, 'stopped')
  await stopped
  assert.deepEqual([tenant.plugins.pid, tenant.plugin.state], [undefined, 'stopped'])
})

test('stopping has room for all that its plugins are still told, however many they are', async () => {
  await using stage = await PluginStage.open()
  const listener = await stage.prepare(`
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({ onBrokerPostShutdown: () => {} })`)
  const names = Array.from({ length: DEFAULT_LIMITS.plugins }, (_, index) => `listener-${index}`)
  const tenant = stage.host.openTenant({
    tenant: 't',
    plugins: names.map((name) => ({ ...listener, name })),
    limits: DEFAULT_LIMITS,
    jit: false,
  })
  tenant.wake()
  await tenant.settled()
  for (const plugin of tenant.plugins) {
    for (let count = 0; count < 1024; count += 1) plugin.tell('onBrokerPostShutdown', null, '{}')
  }
  await tenant.stop()
  assert.ok(tenant.plugins.every(({ state }) => state === 'stopped'))
})

for (const jit of [false, true]) {
  test(`a tenant with as many plugins as it may have loads, jit: ${jit}, and each answers`, async () => {
    await using stage = await PluginStage.open()
    const gate = await stage.prepare(GATE)
    const plugins = Array.from({ length: MOST_PLUGINS }, (_, index) => ({ ...gate, name: `gate-${index}` }))
    const limits = { ...DEFAULT_LIMITS, softMs: 500, wallMs: 60_000, plugins: MOST_PLUGINS }
    const tenant = stage.host.openTenant({ tenant: 't', plugins, limits, jit })
    tenant.wake()
    await tenant.settled()
    assert.ok(tenant.plugins.every(({ state }) => state === 'active'))
    const outcomes = tenant.plugins.map(
      (plugin) =>
        new Promise<Outcome>((resolve) => {
          const answered = (_slot: number, outcome: Outcome): void => resolve(outcome)
          plugin.ask('authorizePublish', null, '{"topic":"alice"}', { answered }, 0)
        }),
    )
    assert.deepEqual(await Promise.all(outcomes), Array(MOST_PLUGINS).fill('ok'))
    if (process.platform !== 'linux') return
    // isolates have no threads of their own: the bound on those needs no room for them
    const threads = readdirSync(`/proc/${processTree(tenant.pid ?? 0).at(-1)}/task`)
    assert.ok(threads.length <= CELL_THREADS / 2, `${threads.length} threads`)
  })
}

test('a plugin that did not build is declared for every question, and answers none', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', {
    name: 'broken',
    bundle: null,
    config: {},
    capabilities: {},
    secrets: {},
  })
  assert.equal(tenant.plugin.state, 'failed')
  assert.ok(tenant.plugin.hooks.has('authenticate') && tenant.plugin.hooks.has('topicFiltering'))
  assert.equal((await tenant.publish('alice')).outcome, 'loading')
  assert.equal(tenant.plugins.pid, undefined)
})

test('a plugin that takes its cell along does not keep the others of its tenant from serving', async () => {
  await using stage = await PluginStage.open()
  const bomb = await stage.prepare(`
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  setup: () => [].includes.call({ length: 2 ** 53 - 1 }, 1),
  authorizePublish: () => allow(),
})`)
  const gate = await stage.prepare(GATE)
  const spec = { tenant: 't', plugins: [{ ...bomb, name: 'bomb' }, gate], limits: DEFAULT_LIMITS, jit: false }
  const tenant = stage.host.openTenant(spec)
  const { plugins } = tenant
  tenant.wake()
  await stage.until(() => plugins[1]?.state === 'active')
  // on a slow machine it may have been tried again by now
  const failed = stage.toldOf('pluginState').find(([, , state]) => state === 'failed')
  assert.deepEqual(failed?.slice(1, 2), ['bomb'])
  assert.match(String(failed?.[3]), /^deadline: /)
})

// each has to use up what a tenant may use at once, which takes seconds
suite('a share of the processor', { concurrency: true }, () => {
  test('a tenant above its share waits, is answered with throttled in the end, and served once it paid', async () => {
    await using stage = await PluginStage.open({ startWaitMs: 300 })
    const burner = await stage.prepare(BURNER)
    const tenant = await stage.tenant('t', burner, { cpuShare: 0.05, softMs: 9000, wallMs: 20_000 })
    const askUntil = async (topic: string, wanted: Outcome): Promise<void> => {
      while ((await tenant.publish(topic)).outcome !== wanted);
    }
    await askUntil('burn', 'throttled')
    await askUntil('a', 'ok')
    assert.equal(tenant.plugin.state, 'active')
    assert.deepEqual(
      stage.audited().map(({ event, outcome }) => [event, outcome]),
      [['fault', 'throttled']],
    )
  })

  test('what had begun when its tenant was held goes on, and nothing new begins', async () => {
    const answer = Promise.withResolvers<undefined>()
    const kv = Object.assign(new MemoryKv(), { get: () => answer.promise })
    await using stage = await PluginStage.open({ startWaitMs: 300, ports: { kv } })
    const source = `
  import { allow, definePlugin } from 'bulkhead/plugin'
  export default definePlugin({
    capabilities: { kv: { bytes: 1024 } },
    authorizePublish: async ({ topic }, ctx) => {
      if (topic === 'begun') await ctx.kv.get('k')
      if (topic === 'burn') for (const until = Date.now() + 2000; Date.now() < until;);
      return allow()
    },
  })`
    const burner = await stage.prepare(source, {}, { kv: true })
    // what is owed is paid back so slowly that the tenant is held to the end of this test
    const patient = { softMs: 9000, wallMs: 20_000, waitMs: { authenticate: 60_000, authorize: 60_000 } }
    const tenant = await stage.tenant('t', burner, { cpuShare: 0.01, ...patient })
    const begun = tenant.publish('begun')
    while ((await tenant.publish('burn')).outcome !== 'throttled');
    answer.resolve(undefined)
    assert.equal((await begun).outcome, 'ok')
    assert.equal((await tenant.publish('new')).outcome, 'throttled')
  })

  test('a tenant that stops while its share is overdrawn keeps no clock running', async () => {
    await using stage = await PluginStage.open({ startWaitMs: 300 })
    const burner = await stage.prepare(BURNER)
    const tenant = await stage.tenant('t', burner, { cpuShare: 0.01, softMs: 9000, wallMs: 20_000 })
    while ((await tenant.publish('burn')).outcome !== 'throttled');
    const { plugins } = tenant
    await plugins.stop()
    assert.ok(plugins instanceof TenantCell && plugins.isHeld)
    assert.equal(plugins.check(performance.now(), 0), false)
  })
})

test('a cell above its memory is ended with the outcome memory, and comes back', async () => {
  await using stage = await PluginStage.open()
  const hoarder = await stage.prepare(`
import { allow, definePlugin } from 'bulkhead/plugin'
const kept = []
export default definePlugin({
  authorizePublish: (event) => {
    if (event.topic !== 'hoard') return allow()
    for (let until = Date.now() + 4000; Date.now() < until;) {
      if (kept.length < 40) kept.push(new ArrayBuffer(1024 * 1024).slice(0))
    }
    return allow()
  },
})`)
  const bounds = { rssMiB: 75, heapMiB: 128, softMs: 8000, wallMs: 8000 }
  const tenant = await stage.tenant('t', hoarder, bounds)
  assert.equal((await tenant.publish('a')).outcome, 'ok')
  assert.equal((await tenant.publish('hoard')).outcome, 'memory')
  assert.match(String(stage.toldOf('cellEnded')[0]?.[2]), /more memory than rssMiB: 75/)
  assert.equal((await tenant.publish('a')).outcome, 'ok')
})
