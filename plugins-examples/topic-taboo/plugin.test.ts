import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'

let plugin: LoadedPlugin
before(async () => {
  plugin = await loadPlugin(import.meta.dirname)
})
after(() => plugin.close())

async function may(principal: string, topic: string): Promise<boolean> {
  const answers = (['publish', 'subscribe', 'receive'] as const).map((action) =>
    plugin.topicFiltering({ client: { principal }, topic, action }),
  )
  const words = new Set((await Promise.all(answers)).map(({ verdict }) => verdict?.verdict))
  assert.equal(words.size, 1, 'all actions are answered alike')
  return words.has('allow')
}

test('three topics are taboo, whatever is done with them; all others are not', async () => {
  for (const topic of ['prohibited', 'top-secret', 'data/classified'])
    assert.equal(await may('alice', topic), false)
  for (const topic of ['prohibited/x', 'data', 'top-secrets', 'constructor'])
    assert.equal(await may('alice', topic), true)
})

test('nothing is taboo to the admin', async () => {
  assert.equal(await may('admin', 'top-secret'), true)
})

test('a refusal names the topic', async () => {
  const { verdict } = await plugin.topicFiltering({ topic: 'prohibited', action: 'publish' })
  assert.deepEqual(verdict, { verdict: 'deny', code: 0x87, reason: 'prohibited is taboo' })
})
