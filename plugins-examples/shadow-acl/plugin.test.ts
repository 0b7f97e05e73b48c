import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'

let plugin: LoadedPlugin
before(async () => {
  plugin = await loadPlugin(import.meta.dirname, { config: { superusers: ['app'] } })
})
after(() => plugin.close())

async function may(
  principal: string,
  action: 'publish' | 'subscribe' | 'receive',
  topic: string,
): Promise<boolean> {
  const { outcome, verdict } = await plugin.topicFiltering({ client: { principal }, topic, action })
  assert.equal(outcome, 'ok')
  return verdict?.verdict === 'allow'
}

test('a device may use its own shadows, and no others', async () => {
  assert.equal(await may('lamp', 'publish', '$shadow/lamp/main/update'), true)
  assert.equal(await may('lamp', 'subscribe', '$shadow/lamp/main/update/delta'), true)
  assert.equal(await may('lamp', 'subscribe', '$shadow/lamp/#'), true)
  assert.equal(await may('lamp', 'receive', '$shadow/lamp/main/get/accepted'), true)
  for (const topic of [
    '$shadow/fan/main/update',
    '$shadow/+/main/update',
    '$shadow/#',
    '$shadow/lamps/x/get',
  ])
    assert.equal(await may('lamp', 'subscribe', topic), false)
})

test('a superuser may use all shadows', async () => {
  assert.equal(await may('app', 'publish', '$shadow/lamp/main/update'), true)
  assert.equal(await may('app', 'subscribe', '$shadow/+/+/update/accepted'), true)
})

test('all other topics are refused to everybody', async () => {
  for (const topic of ['a/b', '$shadow', '$shadow/lamp', '$shadow/lamp/', '#', 'x/$shadow/lamp/main/get'])
    for (const principal of ['lamp', 'app']) assert.equal(await may(principal, 'subscribe', topic), false)
})

test('no client publishes the answers of the shadows', async () => {
  assert.equal(await may('lamp', 'publish', '$shadow/lamp/main/update/accepted'), false)
  assert.equal(await may('app', 'publish', '$shadow/lamp/main/update/delta'), false)
  assert.equal(await may('plugin:device-shadow', 'publish', '$shadow/lamp/main/update/accepted'), true)
})
