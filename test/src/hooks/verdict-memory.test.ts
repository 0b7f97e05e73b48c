import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VERDICT_CHARS_PER_TENANT, VERDICTS_PER_TENANT } from '../../../src/base/limits.ts'
import { VerdictMemory } from '../../../src/hooks/verdict-memory.ts'

test('there is room for so many verdicts, and for so much text', () => {
  const byNumber = new VerdictMemory()
  for (let count = 0; count < VERDICTS_PER_TENANT; count += 1) assert.ok(byNumber.take(1))
  assert.equal(byNumber.take(1), false)
  byNumber.giveBack(1)
  assert.equal(byNumber.take(1), true)
  const byText = new VerdictMemory()
  assert.equal(byText.take(VERDICT_CHARS_PER_TENANT + 1), false)
  assert.equal(byText.take(VERDICT_CHARS_PER_TENANT), true)
  assert.equal(byText.take(1), false)
})

test('an answer is stale when its question is older than the last time its plugin took something back', (t) => {
  let now = 100
  t.mock.method(performance, 'now', () => now)
  const memory = new VerdictMemory()
  assert.equal(memory.isStale('gate', 100), false)
  memory.takeBack('gate', { tag: 'any' })
  assert.equal(memory.isStale('gate', 100), true)
  assert.equal(memory.isStale('gate', 100.1), false)
  assert.equal(memory.isStale('other', 100), false)
  now = 200
  memory.takeBack('gate', { tag: 'any' })
  assert.equal(memory.isStale('gate', 200), true)
})
