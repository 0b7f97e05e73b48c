import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { loadPlugin } from 'bulkhead/test'

const ALICE = { dn: 'uid=alice,dc=test', attributes: { pub: ['home/#'], sub: ['home/+', 'garden/#'] } }

let asked = 0
const plugin = await loadPlugin(import.meta.dirname, {
  config: { publishAttribute: 'pub', subscribeAttribute: 'sub', receiveAttribute: 'rec' },
  ports: {
    ldap: {
      bind: () => Promise.resolve(false),
      search: async (_tenant, _name, { username }) => {
        asked += 1
        return username === 'alice' ? [ALICE] : username === 'twins' ? [ALICE, ALICE] : []
      },
    },
  },
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

test('each action is decided by the attribute that the options name for it', async () => {
  assert.equal(await may('alice', 'publish', 'home/lamp'), true)
  assert.equal(await may('alice', 'publish', 'garden/lamp'), false)
  assert.equal(await may('alice', 'subscribe', 'garden/+'), true)
  assert.equal(await may('alice', 'receive', 'home/lamp'), false)
})

test('nobody, and who is not the only one, may do nothing', async () => {
  assert.equal(await may('nobody', 'publish', 'home/lamp'), false)
  assert.equal(await may('twins', 'publish', 'home/lamp'), false)
})

test('an entry is read once while it is good', async () => {
  await may('alice', 'publish', 'home')
  const before = asked
  await may('alice', 'publish', 'home/again')
  assert.equal(asked, before)
})
