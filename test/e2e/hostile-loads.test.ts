import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome, PreparedPlugin } from '../../sandbox/index.ts'
import { type Attack, loadCorpus } from '../../src/cli/attack/corpus.ts'
import { holdings } from '../support/holdings.ts'
import { PluginStage, type StagedTenant } from '../support/plugin-stage.ts'
import { eventually } from '../support/processes.ts'

const LINUX = process.platform === 'linux' ? false : 'what a process has open is told by Linux alone'
const AT_ONCE = 3
/** One of each way in which a plugin ends badly: in its isolate, with it, with its cell, while it loads. */
const MIX = ['C01', 'C05', 'H01', 'H04', 'M01', 'M09', 'M10', 'S01', 'T01', 'T06', 'V12', 'V20', 'V49', 'W11']
/** Each once more; the environment asks for more: a thousand take some minutes. */
const LOADS = Number(process.env['BULKHEAD_LOADS'] ?? MIX.length)
/** Allocators keep some of what was freed. */
const MOST_GROWTH_MIB = 32

const GATE = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => (event.topic === 'open' ? allow() : deny()),
})`

test(`after ${LOADS} hostile loads nothing is left of them, and a bystander was served`, {
  skip: LINUX,
}, async (t) => {
  await using stage = await PluginStage.open()
  const hostile = await prepareMix(stage)
  const bystander = await stage.tenant('bystander', await stage.prepare(GATE), { wallMs: 10_000 })
  const round = new Round(stage, hostile, bystander)
  // what is made once is there before it is counted
  await round.run(hostile.length)
  const before = holdings()
  await round.run(LOADS)
  // pipes of the last ones are closed a turn later
  await eventually(() => holdings().descriptors <= before.descriptors)
  const after = holdings()
  t.diagnostic(`before: ${JSON.stringify(before)}`)
  t.diagnostic(`after:  ${JSON.stringify(after)}`)
  t.diagnostic(`endings: ${JSON.stringify(Object.fromEntries(round.endings))}, asked beside: ${round.served}`)
  assert.equal(after.processes, before.processes)
  assert.ok(after.threads <= before.threads)
  assert.ok(after.residentMiB < before.residentMiB + MOST_GROWTH_MIB)
})

type Hostile = readonly [attack: Attack, plugin: PreparedPlugin]

async function prepareMix(stage: PluginStage): Promise<readonly Hostile[]> {
  const attacks = (await loadCorpus()).filter(({ id }) => MIX.includes(id))
  assert.equal(attacks.length, MIX.length)
  const mix: Hostile[] = []
  for (const attack of attacks) mix.push([attack, await stage.prepare(attack.plugin)])
  return mix
}

/** Loads one after the other, a few at a time, while a bystander asks. */
class Round {
  readonly endings = new Map<Outcome, number>()
  served = 0
  readonly #stage: PluginStage
  readonly #hostile: readonly Hostile[]
  readonly #bystander: StagedTenant

  constructor(stage: PluginStage, hostile: readonly Hostile[], bystander: StagedTenant) {
    this.#stage = stage
    this.#hostile = hostile
    this.#bystander = bystander
  }

  async run(loads: number): Promise<void> {
    let begun = 0
    const worker = async (_: unknown, number: number): Promise<void> => {
      while (begun < loads) {
        begun += 1
        const [attack, plugin] = this.#hostile[begun % this.#hostile.length] as Hostile
        await this.#load(`t${number}`, attack, plugin)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  async #load(name: string, { id }: Attack, plugin: PreparedPlugin): Promise<void> {
    const tenant = this.#stage.sleeper(name, plugin)
    const [{ outcome, verdict }, beside] = await Promise.all([
      tenant.publish('x'),
      this.#bystander.publish('open'),
    ])
    assert.notEqual(verdict?.verdict, 'allow', `${id} won`)
    assert.equal(beside.verdict?.verdict, 'allow', `${beside.outcome} for the bystander beside ${id}`)
    this.endings.set(outcome, (this.endings.get(outcome) ?? 0) + 1)
    this.served += 1
    await tenant.plugins.stop()
  }
}
