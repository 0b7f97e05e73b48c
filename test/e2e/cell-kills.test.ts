import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PreparedPlugin } from '../../sandbox/index.ts'
import { fillThreadPool, holdings } from '../support/holdings.ts'
import { PluginStage, type StagedTenant } from '../support/plugin-stage.ts'
import { descendants, eventually, isRunning } from '../support/processes.ts'

const LINUX = process.platform === 'linux' ? false : 'what a process has open is told by Linux alone'
/** A share of what the environment asks for at length: a thousand take minutes. */
const KILLS = Number(process.env['BULKHEAD_KILLS'] ?? 20)
const AT_ONCE = 4

const GATE = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => (event.topic === 'open' ? allow() : deny()),
})`

test('a cell that is stopped by a signal is answered for, killed, and comes back', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE))
  const { pid } = tenant.plugins
  assert.ok(pid !== undefined)
  // the whole group: what the broker started may stand before the cell
  process.kill(-pid, 'SIGSTOP')
  assert.equal((await tenant.publish('open')).outcome, 'deadline')
  await stage.until(() => stage.toldOf('cellEnded').length === 1)
  assert.match(String(stage.toldOf('cellEnded')[0]?.[2]), /does not come to an end/)
  assert.equal((await tenant.publish('open')).verdict?.verdict, 'allow')
  assert.equal((await tenant.publish('closed')).verdict?.verdict, 'deny')
})

test('a wrapper that is stopped by a signal keeps nobody waiting, and the whole tree is killed', {
  skip: LINUX,
}, async (t) => {
  await using stage = await PluginStage.open()
  const gate = await stage.prepare(GATE)
  const count = treeOf(await stage.tenant('first', gate)).length
  for (let place = 0; place < count; place += 1) {
    await t.test(`process ${place + 1} of ${count}`, async () => {
      const tenant = await stage.tenant(`t${place}`, gate)
      const tree = treeOf(tenant)
      const stopped = tree[place]
      assert.ok(stopped !== undefined && tree.length === count)
      process.kill(stopped, 'SIGSTOP')
      // the cell itself answers, or is answered for
      const { outcome, verdict } = await tenant.publish('closed')
      assert.ok(outcome === 'deadline' || verdict?.verdict === 'deny', outcome)
      if (outcome === 'deadline') await stage.until(() => endOf(stage, `t${place}`) !== undefined)
      await tenant.plugins.stop()
      await eventually(() => !tree.some(isRunning))
    })
  }
})

function treeOf({ plugins }: StagedTenant): readonly number[] {
  const { pid } = plugins
  assert.ok(pid !== undefined)
  return [pid, ...descendants(pid)]
}

function endOf(stage: PluginStage, tenant: string): unknown {
  return stage.toldOf('cellEnded').find(([name]) => name === tenant)
}

test(`after ${KILLS} kills no process, descriptor or thread is left`, { skip: LINUX }, async () => {
  await using stage = await PluginStage.open({ jail: 'minimal' })
  const plugin = await stage.prepare(GATE)
  // what is made once is there before it is counted
  await killOnce(stage, plugin, 'first')
  await eventually(() => stage.pids().length === 0)
  await fillThreadPool()
  const before = holdings()
  let started = 0
  const worker = async (): Promise<void> => {
    while (started < KILLS) {
      started += 1
      await killOnce(stage, plugin, `t${started}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  // a tenant may have got its next cell before it was stopped
  assert.ok(stage.toldOf('cellStarted').length > KILLS)
  await eventually(() => stage.pids().length === 0)
  // pipes of the last ones are closed a turn later
  await eventually(() => holdings().descriptors <= before.descriptors)
  assert.ok(holdings().threads <= before.threads)
})

/** Starts a tenant's cell, kills it while a question is under way, and closes the tenant. */
async function killOnce(stage: PluginStage, plugin: PreparedPlugin, name: string): Promise<void> {
  const tenant = await stage.tenant(name, plugin)
  const { pid } = tenant.plugins
  assert.ok(pid !== undefined)
  const asked = tenant.publish('open')
  process.kill(-pid, 'SIGKILL')
  const { outcome } = await asked
  // a machine that is busy may look at the clock before it hears of the end
  assert.ok(['crash', 'deadline', 'ok'].includes(outcome), outcome)
  await tenant.plugins.stop()
}
