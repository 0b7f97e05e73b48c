import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginStage } from '../support/plugin-stage.ts'
import { attack } from './m11-slow-leak.ts'

/** A share of what the environment asks for at length: a hundred thousand take half a minute. */
const QUESTIONS = Number(process.env['BULKHEAD_LEAKS'] ?? 12_000)
/** As many as may wait without making the tenant's sockets wait. */
const AT_ONCE = 500
/** The plugin works all the time, on a machine that others use: what is tried is its heap, not its clocks. */
const BUSY = { cpuShare: 1, softMs: 1000, wallMs: 5000 } as const
const STOP_MS = 240_000

test(`a plugin that leaks answers ${QUESTIONS} questions: its isolate is made anew, and no answer is lost`, {
  timeout: STOP_MS,
}, async (t) => {
  // as slow as a leak must be for the rule, this would take a quarter of an hour
  await using stage = await PluginStage.open({ renewalMs: 0 })
  const tenant = await stage.tenant('m11', await stage.prepare(attack.plugin), BUSY)
  const { pid } = tenant.plugins
  let allowed = 0
  for (let asked = 0; asked < QUESTIONS; asked += AT_ONCE) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => tenant.publish('a')))
    allowed += answers.filter(({ verdict }) => verdict?.verdict === 'allow').length
  }
  assert.equal(allowed, QUESTIONS)
  assert.deepEqual(stage.toldOf('pluginFaulted'), [])
  const renewals = stage
    .toldOf('pluginState')
    .filter(([, , , detail]) => String(detail).startsWith('made anew'))
  assert.ok(renewals.length > 0)
  t.diagnostic(`${renewals.length} isolates were made anew`)
  const events = new Set(stage.audited().map(({ event }) => event))
  assert.deepEqual([...events], ['renewed'])
  assert.equal(tenant.plugins.pid, pid, 'in the same process')
})
