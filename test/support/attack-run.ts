import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealBundle } from '../../sandbox/bundle/bundle-file.ts'
import type { Outcome, PreparedPlugin } from '../../sandbox/index.ts'
import { type Answer, PluginStage, type StagedTenant } from './plugin-stage.ts'

/** How an attack may end: a valid verdict by its word, or an outcome that is none. */
export type Ending = 'allow' | 'deny' | Exclude<Outcome, 'ok'>

export interface Attack {
  /** ATTACKS.md's number and title, then the rule that it proves. */
  readonly title: string
  /** The hostile plugin.ts. It attacks in `authorizePublish`, at each question. */
  readonly plugin: string
  readonly options?: Readonly<Record<string, unknown>>
  /** What is done to the bundle after it was built. */
  readonly tamper?: (code: string) => string
  /** Every ending that is acceptable. */
  readonly endings: readonly Ending[]
  /** What else must hold once it ended. */
  readonly afterwards?: (stage: PluginStage, tenant: StagedTenant) => void
}

/**
 * On a loaded machine a cell may wait longer for its core than a plugin may take: the clocks are set so that
 * what ends an attack is the attack, not the neighbour on the core.
 */
const PATIENT = { softMs: 250, wallMs: 1000 } as const

/** Invariants of every attack; generous, since they hold on a loaded machine too. */
const MOST_LAG_MS = 250
const MOST_GROWTH_BYTES = 64 * 2 ** 20

const BYSTANDER = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => (event.topic === 'open' ? allow() : deny('notAuthorized', 'closed')),
})`

/**
 * Runs one hostile plugin in a real cell, twice, while another tenant is asked all the time: the attack ends
 * as expected, the other tenant's verdicts stay right, the broker neither stalls nor grows.
 */
export function attack(definition: Attack): void {
  test(definition.title, { timeout: 60_000 }, async () => {
    await using stage = await PluginStage.open()
    const bystander = await stage.tenant('bystander', await stage.prepare(BYSTANDER), PATIENT)
    const plugin = tampered(await stage.prepare(definition.plugin, definition.options), definition.tamper)
    const attacker = await stage.tenant('attacker', plugin, PATIENT)
    assert.equal(attacker.plugin.state, 'active')
    const watch = new Bystanding(bystander)
    const grownFrom = process.memoryUsage.rss()
    const first = endingOf(await attacker.publish('attack'))
    const second = endingOf(await attacker.publish('attack'))
    const { rounds, lagMs } = await watch.end()
    for (const ending of [first, second])
      assert.ok(definition.endings.includes(ending), `it ended as ${ending}`)
    assert.ok(rounds > 0, 'the bystander was asked meanwhile')
    assert.ok(lagMs < MOST_LAG_MS, `the broker stalled for ${lagMs} ms`)
    const growth = process.memoryUsage.rss() - grownFrom
    assert.ok(growth < MOST_GROWTH_BYTES, `the broker grew by ${growth} bytes`)
    definition.afterwards?.(stage, attacker)
  })
}

function tampered(plugin: PreparedPlugin, tamper: Attack['tamper']): PreparedPlugin {
  if (plugin.bundle === null || tamper === undefined) return plugin
  const { code, sourceMap, manifest } = plugin.bundle
  return { ...plugin, bundle: sealBundle(tamper(code), sourceMap, manifest) }
}

function endingOf(answer: Answer): Ending {
  if (answer.outcome !== 'ok') return answer.outcome
  const verdict = answer.verdict?.verdict
  if (verdict === 'allow' || verdict === 'deny') return verdict
  throw new Error(`an attack must not end as ${verdict}`)
}

/** Asks the other tenant one question after the other, and measures how long the event loop is away. */
class Bystanding {
  readonly #tenant: StagedTenant
  readonly #done: Promise<void>
  #running = true
  #rounds = 0
  #lagMs = 0

  constructor(tenant: StagedTenant) {
    this.#tenant = tenant
    this.#done = this.#run()
  }

  async end(): Promise<{ readonly rounds: number; readonly lagMs: number }> {
    this.#running = false
    await this.#done
    return { rounds: this.#rounds, lagMs: this.#lagMs }
  }

  async #run(): Promise<void> {
    do {
      const before = performance.now()
      await new Promise((resolve) => setImmediate(resolve))
      this.#lagMs = Math.max(this.#lagMs, performance.now() - before)
      assert.deepEqual(await this.#tenant.publish('open'), { outcome: 'ok', verdict: { verdict: 'allow' } })
      const closed = await this.#tenant.publish('closed')
      assert.equal(closed.verdict?.verdict, 'deny')
      this.#rounds += 1
    } while (this.#running)
  }
}
