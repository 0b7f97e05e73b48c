import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Asked, type LoadedPlugin, loadPlugin } from 'bulkhead/test'

const RENAME = { legacy: 'home', 'legacy/garden': 'garden' }

let plugin: LoadedPlugin
before(async () => {
  plugin = await loadPlugin(import.meta.dirname, { config: { rename: RENAME } })
})
after(() => plugin.close())

type Event = Parameters<LoadedPlugin['transformMessage']>[0]

async function patchOf(
  event: Event,
): Promise<{ topic?: unknown; properties?: { userProperties?: unknown } }> {
  const { verdict, detail }: Asked = await plugin.transformMessage(event)
  assert.ok(verdict?.verdict === 'transform' && verdict.op === 'patch', detail)
  return verdict.patch
}

test('a message is stamped with who published it', async () => {
  const { properties } = await patchOf({ client: { principal: 'alice' }, topic: 'home/lamp' })
  assert.deepEqual(properties?.userProperties, [['publisher', 'alice']])
})

test('other user properties stay, and a stamp that the publisher brought along goes', async () => {
  const userProperties = [
    ['unit', 'C'],
    ['publisher', 'root'],
    ['unit', 'F'],
  ] as const
  const { properties } = await patchOf({ client: { principal: 'mallory' }, properties: { userProperties } })
  assert.deepEqual(properties?.userProperties, [
    ['unit', 'C'],
    ['unit', 'F'],
    ['publisher', 'mallory'],
  ])
})

test('old names become new ones, by whole levels, the longest first', async () => {
  const renamed = { 'legacy/lamp': 'home/lamp', legacy: 'home', 'legacy/garden/gate': 'garden/gate' }
  for (const [old, topic] of Object.entries({ ...renamed, 'legacyx/lamp': 'legacyx/lamp', home: 'home' }))
    assert.equal((await patchOf({ topic: old })).topic, topic)
})
