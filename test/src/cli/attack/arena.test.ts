import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena } from '../../../../src/cli/attack/arena.ts'
import type { Attack } from '../../../../src/cli/attack/corpus.ts'

const PATIENT = { startWaitMs: 30_000, limits: { softMs: 250, wallMs: 1000 } } as const

const CONTAINED: Attack = {
  id: 'Z01',
  class: 'spoof',
  title: 'it throws, and that is all',
  plugin: `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => { throw new Error('no') } })`,
  endings: ['threw'],
  detail: /^no \(plugin\.ts/,
  cell: 'lives',
}
const WINNER: Attack = {
  id: 'Z02',
  class: 'spoof',
  title: 'it is allowed what it must not be',
  plugin: `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => allow() })`,
  endings: ['deny'],
}

test('an attack that is contained has no complaints, one that wins has; the figures are there', async () => {
  const arena = await Arena.open([CONTAINED, WINNER], PATIENT)
  const contained = await arena.run(CONTAINED)
  assert.deepEqual(contained.endings, ['threw', 'threw'])
  assert.deepEqual(contained.complaints, [])
  assert.ok(contained.bystander.rounds > 0 && contained.tookMs > 0 && contained.lagMs >= 0)
  const won = await arena.run(WINNER)
  assert.deepEqual(won.endings, ['allow', 'allow'])
  assert.match(won.complaints.join(), /it ended as allow, and may end as deny/)
  assert.deepEqual(await arena.close(), [])
})
