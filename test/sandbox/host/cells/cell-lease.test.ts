import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CellLease, type Tenancy } from '../../../../sandbox/host/cells/cell-lease.ts'
import type { CellHolder, CellPool } from '../../../../sandbox/host/cells/cell-pool.ts'
import { STARTS_IN_A_ROW, STARTS_REFILL_MS } from '../../../../sandbox/limits.ts'
import { PluginStage } from '../../../support/plugin-stage.ts'

const GATE = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: () => allow(),
  onClose: (_event, ctx) => ctx.log.info('bye'),
})`

const CLOCK = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { timers: true },
  setup: (ctx) => { ctx.timers.after(600, () => {}) },
  authorizePublish: () => allow(),
})`

test('a cell starts with the first question, and stops when nothing was asked for a while', async () => {
  await using stage = await PluginStage.open({ idleStopMs: 200 })
  const tenant = stage.sleeper('t', await stage.prepare(GATE))
  const { plugins } = tenant
  assert.deepEqual([plugins.pid, plugins.cell, tenant.plugin.state], [undefined, 'asleep', 'asleep'])
  await plugins.settled()
  assert.equal((await tenant.publish('a')).outcome, 'ok')
  assert.deepEqual([plugins.cell, tenant.plugin.state], ['ready', 'active'])
  await stage.until(() => stage.toldOf('cellEnded').length === 1)
  assert.deepEqual([plugins.pid, plugins.cell, tenant.plugin.state], [undefined, 'asleep', 'asleep'])
  assert.equal(stage.toldOf('cellEnded')[0]?.[2], 'stopped')
  assert.equal(stage.toldOf('pluginLog')[0]?.[3], 'bye')
  assert.equal((await tenant.publish('a')).outcome, 'ok')
})

test('news wake a cell too, and a tenant without plugins has nothing to wake', async () => {
  await using stage = await PluginStage.open()
  const listener = await stage.prepare(`
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  onBrokerPreStart: (_event, ctx) => ctx.log.info('told'),
})`)
  const tenant = stage.sleeper('t', listener)
  tenant.plugin.tell('onBrokerPreStart', null, '{}')
  await stage.until(() => stage.toldOf('pluginLog').length === 1)
})

test('a question that comes while the cell is being closed is answered by the next one', async () => {
  await using stage = await PluginStage.open({ idleStopMs: 100 })
  const tenant = stage.sleeper('t', await stage.prepare(GATE))
  await tenant.publish('a')
  const first = tenant.plugins.pid
  await stage.until(() => tenant.plugin.state === 'asleep')
  assert.equal((await tenant.publish('a')).outcome, 'ok')
  assert.notEqual(tenant.plugins.pid, first)
})

test('a running timer keeps the cell awake until it has run', async () => {
  await using stage = await PluginStage.open({ idleStopMs: 100 })
  const plugin = await stage.prepare(CLOCK, {}, { timers: true })
  const tenant = stage.sleeper('t', plugin)
  const startedAt = performance.now()
  await tenant.publish('a')
  await stage.until(() => stage.toldOf('cellEnded').length === 1)
  assert.ok(performance.now() - startedAt > 600)
})

/** A pool that gives nothing, and counts what is asked of it. */
class StagedPool implements Pick<CellPool, 'request' | 'withdraw'> {
  requests = 0
  answer = true

  request(_holder: CellHolder): boolean {
    this.requests += 1
    return this.answer
  }

  withdraw(): void {
    // nobody waits
  }
}

const TENANCY: Tenancy = {
  bounds: { dataMiB: 1, rssMiB: 1, isolates: 1, jit: false },
  maxAnswerBytes: 1,
  isIdle: true,
  keepsCell: false,
  isAtWork: false,
  cellReady: () => undefined,
  cellWorked: () => undefined,
  cellAnswered: () => undefined,
  cellEnded: () => undefined,
  cellRefused: () => undefined,
  rest: () => undefined,
}

test('a tenant starts so many cells in a row, and then one now and then', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const pool = new StagedPool()
  const lease = new CellLease(TENANCY, pool as unknown as CellPool, 1000)
  for (let start = 0; start < STARTS_IN_A_ROW; start += 1) {
    assert.equal(lease.want(), true)
    lease.cellDenied()
  }
  assert.equal(lease.want(), true)
  assert.deepEqual([pool.requests, lease.status], [STARTS_IN_A_ROW, 'starting'])
  now = STARTS_REFILL_MS
  t.mock.timers.tick(STARTS_REFILL_MS)
  assert.equal(pool.requests, STARTS_IN_A_ROW + 1)
})

test('a start that is refused costs nothing of the budget, and the tenant sleeps on', () => {
  const pool = new StagedPool()
  pool.answer = false
  const lease = new CellLease(TENANCY, pool as unknown as CellPool, 1000)
  for (let start = 0; start < STARTS_IN_A_ROW * 2; start += 1) assert.equal(lease.want(), false)
  assert.equal(pool.requests, STARTS_IN_A_ROW * 2)
  assert.equal(lease.status, 'asleep')
})
