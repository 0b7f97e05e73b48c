import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { PreparedPlugin } from '../../../../sandbox/index.ts'
import { CELL_TURN_MS } from '../../../../sandbox/limits.ts'
import { PluginStage, type StagedTenant, type StageOptions } from '../../../support/plugin-stage.ts'
import { eventually, isRunning } from '../../../support/processes.ts'

const GATE = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    if (event.topic === 'busy') for (let until = Date.now() + 700; Date.now() < until;) {}
    return allow()
  },
})`

const PATIENT = { softMs: 5000, wallMs: 10_000 }

async function opened(options: StageOptions): Promise<{ stage: PluginStage; gate: PreparedPlugin }> {
  const stage = await PluginStage.open(options)
  return { stage, gate: await stage.prepare(GATE) }
}

test('a spare waits for the next tenant, is its cell from then on, and another takes its place', async () => {
  const { stage, gate } = await opened({ spareCells: 1 })
  await using _ = stage
  const one = stage.sleeper('one', gate)
  // what has probed the plugin may still be about to end
  await eventually(() => stage.host.cells.spare === 1 && stage.pids().length === 1)
  const [spare] = stage.pids()
  assert.equal(one.plugins.pid, undefined)
  assert.equal((await one.publish('a')).outcome, 'ok')
  assert.equal(one.plugins.pid, spare)
  await eventually(() => stage.pids().length === 2)
})

test('a cell that had a tenant is never another one’s', async () => {
  const { stage, gate } = await opened({ spareCells: 1 })
  await using _ = stage
  const seen = new Set<number>()
  for (const name of ['a', 'b', 'c']) {
    const tenant = stage.sleeper(name, gate)
    await tenant.publish('x')
    const { pid } = tenant.plugins
    assert.ok(pid !== undefined && !seen.has(pid))
    seen.add(pid)
    await tenant.plugins.stop()
    assert.equal(isRunning(pid), false)
  }
})

test('a tenant whose bounds no spare has gets a cell of its own', async () => {
  const { stage, gate } = await opened({ spareCells: 1 })
  await using _ = stage
  stage.sleeper('usual', gate)
  await eventually(() => stage.host.cells.spare === 1 && stage.pids().length === 1)
  const [spare] = stage.pids()
  const large = await stage.tenant('large', gate, { dataMiB: 400 })
  assert.notEqual(large.plugins.pid, spare)
})

test('when the places are used up the spare goes first, then what was idle for longest', async () => {
  const { stage, gate } = await opened({ maxCells: 2, spareCells: 1 })
  await using _ = stage
  const [a, b, c] = ['a', 'b', 'c'].map((name) => stage.sleeper(name, gate))
  assert.ok(a !== undefined && b !== undefined && c !== undefined)
  for (const tenant of [a, b]) assert.equal((await tenant.publish('x')).outcome, 'ok')
  assert.deepEqual([a.plugins.cell, b.plugins.cell], ['ready', 'ready'])
  // nobody leaves before its turn is over
  await pause(CELL_TURN_MS)
  await a.publish('x')
  assert.equal((await c.publish('x')).outcome, 'ok')
  assert.deepEqual([a.plugins.cell, b.plugins.cell, c.plugins.cell], ['ready', 'asleep', 'ready'])
  assert.equal((await b.publish('x')).outcome, 'ok')
  assert.equal(a.plugins.cell, 'asleep')
  assert.ok(stage.pids().length <= 2)
})

test('when all cells are at work another tenant waits, and nothing under way is lost', async () => {
  const { stage, gate } = await opened({ maxCells: 1 })
  await using _ = stage
  const busy = await stage.tenant('busy', gate, PATIENT)
  const other = stage.sleeper('other', gate)
  const working = [1, 2, 3].map(() => busy.publish('busy'))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal((await other.publish('x')).outcome, 'ok')
  // the one that made room comes back as soon as the place is free again
  for (const { outcome } of await Promise.all(working)) assert.equal(outcome, 'ok')
})

test('whose turn does not come in time is answered with overload, and waits no more', async () => {
  const { stage, gate } = await opened({ maxCells: 1, startQueueMs: 100 })
  await using _ = stage
  const busy = await stage.tenant('busy', gate, PATIENT)
  const other = stage.sleeper('other', gate)
  const working = busy.publish('busy')
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal((await other.publish('x')).outcome, 'overload')
  await other.plugins.settled()
  assert.deepEqual([other.plugins.cell, other.plugin.state], ['asleep', 'asleep'])
  assert.equal((await working).outcome, 'ok')
})

test('a polite tenant keeps its cell while greedy ones take turns in the other', async (t) => {
  const { stage, gate } = await opened({ maxCells: 2 })
  await using _ = stage
  const polite = await stage.tenant('polite', gate)
  const { pid } = polite.plugins
  const greedy = ['one', 'other'].map((name) => stage.sleeper(name, gate, { ...PATIENT, cpuShare: 16 }))
  let served = 0
  const askOnAndOn = async (tenant: StagedTenant): Promise<void> => {
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(Array.from({ length: 2 }, () => tenant.publish('busy')))
      for (const { outcome } of answers) assert.equal(outcome, 'ok')
    }
    served += 1
  }
  const working = greedy.map(askOnAndOn)
  let [askedAt, longestPauseMs] = [performance.now(), 0]
  while (served < greedy.length) {
    assert.equal((await polite.publish('x')).outcome, 'ok')
    await Promise.race([Promise.all(working), pause(50)])
    const now = performance.now()
    longestPauseMs = Math.max(longestPauseMs, now - askedAt)
    askedAt = now
  }
  await Promise.all(working)
  // on a machine that let it wait for longer it looked as if it wanted nothing
  if (longestPauseMs < CELL_TURN_MS) assert.equal(polite.plugins.pid, pid, 'it never lost its cell')
  else t.diagnostic(`the machine was busy: ${longestPauseMs} ms between two questions`)
  assert.ok(stage.toldOf('cellStarted').length > 3, 'the others took turns')
})

test('what is being probed waits for its turn, however few cells there are', async () => {
  const { stage } = await opened({ maxCells: 1 })
  await using _ = stage
  const prepared = await Promise.all([1, 2, 3].map(() => stage.prepare(GATE)))
  assert.equal(prepared.length, 3)
})

test('a host that stops ends what is being probed, and its spares', async () => {
  const stage = await PluginStage.open({ spareCells: 2 })
  stage.sleeper('t', await stage.prepare(GATE))
  await eventually(() => stage.host.cells.spare === 2 && stage.host.cells.running === 2)
  const stuck = '[].includes.call({ length: 2 ** 53 - 1 }, 1)\nexport default {}'
  const refused = assert.rejects(stage.prepare(stuck), { code: 'ERR_CELL' })
  await eventually(() => stage.host.cells.running === 3)
  await stage[Symbol.asyncDispose]()
  await refused
  assert.deepEqual(stage.pids(), [])
})
