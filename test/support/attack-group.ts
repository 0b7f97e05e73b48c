import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena } from '../../src/cli/attack/arena.ts'
import { type Attack, type AttackClass, loadCorpus } from '../../src/cli/attack/corpus.ts'

/**
 * On a loaded machine a cell may wait longer for its core than a plugin may take: the clocks are set so that
 * what ends an attack is the attack, not the neighbour on the core.
 */
const PATIENT = {
  startWaitMs: 20_000,
  limits: { softMs: 250, wallMs: 800, waitMs: { authenticate: 5000, authorize: 2000 } },
} as const
/** Generous, since they must hold on a loaded machine too; `npm run attacks` prints the figures. */
const MOST_BLOCKED_MS = 250
const GROWTH_BYTES_EACH = 64 * 2 ** 20
/** Most of an attack is waiting, for a clock or a new cell: so many run side by side, on one broker. */
const LANES = 3
/** What the broker grows by is seen by all that run. */
const MOST_GROWTH_BYTES = LANES * GROWTH_BYTES_EACH
/** Building thirty plugins, and then thirty attacks that may take a second each. */
const STOP_MS = 110_000

/** Runs all attacks of these classes against one broker: a test each, and one for what they leave behind. */
export async function attackGroup(title: string, classes: readonly AttackClass[]): Promise<void> {
  const attacks = (await loadCorpus()).filter((attack) => classes.includes(attack.class))
  test(title, { timeout: STOP_MS, concurrency: LANES }, async (t) => {
    const arena = await Arena.open(attacks, PATIENT)
    const run = async (attack: Attack): Promise<void> => {
      const { complaints, bystander, blockedMs, grewBytes } = await arena.run(attack)
      assert.deepEqual(complaints, [])
      assert.ok(bystander.rounds > 0, 'the bystander was served meanwhile')
      assert.ok(blockedMs < MOST_BLOCKED_MS, `the broker was busy for ${blockedMs} ms at a stretch`)
      assert.ok(grewBytes < MOST_GROWTH_BYTES, `the broker grew by ${grewBytes} bytes`)
    }
    await Promise.all(
      attacks.map((attack) => t.test(`${attack.id} ${attack.class} · ${attack.title}`, () => run(attack))),
    )
    await t.test('the bystander got all its messages, and the broker leaves nothing behind', async () => {
      assert.deepEqual(await arena.close(), [])
    })
  })
}
