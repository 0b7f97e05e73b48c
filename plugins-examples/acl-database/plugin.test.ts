import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { loadPlugin } from 'bulkhead/test'

const ROWS: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  // as aMQTT writes it, and as one would by hand
  alice: { publish_acl: '[{"topic": "home/#"}]', subscribe_acl: '[{"topic": "home/+"}]', receive_acl: '[]' },
  bob: { publish_acl: '["a/b", "$SYS/x"]', subscribe_acl: '["#"]', receive_acl: null },
  broken: { publish_acl: '[', subscribe_acl: '{"topic": "#"}', receive_acl: '[1, null]' },
}

let asked = 0
const plugin = await loadPlugin(import.meta.dirname, {
  ports: {
    query: {
      run: async (_tenant: string, _name: string, { username }: Readonly<Record<string, unknown>>) => {
        asked += 1
        const row = ROWS[String(username)]
        return row === undefined ? [] : [row]
      },
    },
  },
})
after(() => plugin.close())

type Action = 'publish' | 'subscribe' | 'receive'

async function may(principal: string, action: Action, topic: string): Promise<boolean> {
  const { outcome, verdict } = await plugin.topicFiltering({ client: { principal }, topic, action })
  assert.equal(outcome, 'ok')
  return verdict?.verdict === 'allow'
}

test('each action has its own list, whichever way its items are written', async () => {
  assert.equal(await may('alice', 'publish', 'home/kitchen/lamp'), true)
  assert.equal(await may('alice', 'publish', 'garden'), false)
  assert.equal(await may('alice', 'subscribe', 'home/+'), true)
  assert.equal(await may('alice', 'subscribe', 'home/#'), false)
  assert.equal(await may('alice', 'receive', 'home/lamp'), false)
  assert.equal(await may('bob', 'publish', 'a/b'), true)
  assert.equal(await may('bob', 'publish', 'a/b/c'), false)
})

test('who has no row, or no list, may do nothing', async () => {
  assert.equal(await may('nobody', 'publish', 'home'), false)
  assert.equal(await may('bob', 'receive', 'a/b'), false)
  assert.equal(await may('broken', 'subscribe', 'a'), false)
  assert.equal(await may('broken', 'receive', '1'), false)
})

test('a list that is no JSON is a failure, which the policy answers', async () => {
  const asking = { client: { principal: 'broken' }, topic: 'a', action: 'publish' } as const
  assert.equal((await plugin.topicFiltering(asking)).outcome, 'threw')
})

test('[MQTT-4.7.2-1] a leading wildcard does not reach a topic that begins with $', async () => {
  assert.equal(await may('bob', 'subscribe', '$SYS/x'), false)
  assert.equal(await may('bob', 'publish', '$SYS/x'), true)
})

test('a row is read once while it is good', async () => {
  await may('alice', 'publish', 'home')
  const before = asked
  await may('alice', 'publish', 'home/again')
  assert.equal(asked, before)
})
