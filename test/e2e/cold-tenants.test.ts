import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginStage } from '../support/plugin-stage.ts'

const TENANTS = 100
/** A loaded machine may take minutes for a hundred processes: what is proved is that each has its turn. */
const PATIENT = { startWaitMs: 60_000, startQueueMs: 300_000 } as const
/** What is computed here is nothing; what takes time is that a cell waits for a core. */
const CLOCKS = { softMs: 1000, wallMs: 20_000, activateMs: 20_000 } as const

const GATE = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: () => allow(),
  authorizePublish: (event) => (event.topic === 'open' ? allow() : deny()),
})`

test(`the first questions of ${TENANTS} cold tenants at once are all answered by plugins`, async (t) => {
  await using stage = await PluginStage.open({ ...PATIENT, spareCells: 1, maxCells: 128 })
  const gate = await stage.prepare(GATE)
  const tenants = Array.from({ length: TENANTS }, (_, number) => stage.sleeper(`t${number}`, gate, CLOCKS))
  const startedAt = performance.now()
  const answers = await Promise.all(
    tenants.flatMap((tenant) => [tenant.publish('open'), tenant.publish('closed')]),
  )
  t.diagnostic(`${TENANTS} cold tenants took ${Math.round(performance.now() - startedAt)} ms`)
  const verdicts = answers.map(({ outcome, verdict }) => `${outcome} ${verdict?.verdict}`)
  assert.deepEqual(
    verdicts,
    tenants.flatMap(() => ['ok allow', 'ok deny']),
  )
  assert.equal(stage.toldOf('cellEnded').length, 0, 'no start was given up')
})
