import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadPlugin } from 'bulkhead/test'

test('a loop ends in a timeout without a verdict, and the next question is answered', async (t) => {
  const plugin = await loadPlugin(import.meta.dirname)
  t.after(() => plugin.close())
  const looped = await plugin.authorizePublish({ topic: 'spin/1' })
  assert.deepEqual([looped.outcome, looped.verdict], ['timeout', null])
  const calm = await plugin.authorizePublish({ topic: 'calm/1' })
  assert.deepEqual([calm.outcome, calm.verdict], ['ok', { verdict: 'allow' }])
})
