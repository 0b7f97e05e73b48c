import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'

const ACL = {
  alice: ['home/#', 'devices/{clientId}/+', 'users/{username}/inbox'],
  bob: ['+/kitchen/+'],
  root: ['#', '$SYS/#'],
  anonymous: ['public/#'],
  nobody: [],
}
const LISTS = { publish_acl: ACL, subscribe_acl: ACL, receive_acl: ACL }

let plugin: LoadedPlugin
before(async () => {
  plugin = await loadPlugin(import.meta.dirname, { config: LISTS })
})
after(() => plugin.close())

async function mayPublish(
  principal: string,
  topic: string,
  clientId = 'c1',
  asked = plugin,
): Promise<boolean> {
  const { outcome, verdict } = await asked.authorizePublish({ topic, client: { principal, clientId } })
  assert.equal(outcome, 'ok')
  return verdict?.verdict === 'allow'
}

async function maySubscribe(principal: string, filter: string, asked = plugin): Promise<boolean> {
  const { verdict } = await asked.authorizeSubscribe({ client: { principal }, filters: [{ filter }] })
  assert.ok(verdict?.verdict === 'filters')
  return verdict.filters[0]?.verdict === 'allow'
}

test('a topic is allowed where a rule of its user matches it', async () => {
  assert.equal(await mayPublish('alice', 'home/kitchen/light'), true)
  assert.equal(await mayPublish('alice', 'home'), true)
  assert.equal(await mayPublish('alice', 'homes/kitchen'), false)
  assert.equal(await mayPublish('bob', 'home/kitchen/light'), true)
  assert.equal(await mayPublish('bob', 'home/kitchen'), false)
  assert.equal(await mayPublish('bob', 'home/kitchen/light/on'), false)
  assert.equal(await mayPublish('bob', '/kitchen/'), true)
})

test('who is not named may do nothing, and a name that every object has is no entry', async () => {
  for (const name of ['mallory', 'nobody', 'constructor', '__proto__', ''])
    assert.equal(await mayPublish(name, 'home/x'), false)
  assert.equal(await mayPublish('anonymous', 'public/x'), true)
})

test('a refusal carries 0x87 and says whom it is about', async () => {
  const { verdict } = await plugin.authorizePublish({ topic: 'garden', client: { principal: 'alice' } })
  assert.deepEqual(verdict, { verdict: 'deny', code: 0x87, reason: 'alice may not publish to this topic' })
})

test('placeholders stand for the client’s own names, and a name cannot widen its rule', async () => {
  assert.equal(await mayPublish('alice', 'devices/c1/up', 'c1'), true)
  assert.equal(await mayPublish('alice', 'devices/c2/up', 'c1'), false)
  assert.equal(await mayPublish('alice', 'users/alice/inbox'), true)
  assert.equal(await mayPublish('alice', 'users/bob/inbox'), false)
  for (const clientId of ['+', '#', 'a/b'])
    assert.equal(await mayPublish('alice', `devices/${clientId}/up`, clientId), false)
})

test('a subscription is allowed where a rule covers all that it can match', async () => {
  assert.equal(await maySubscribe('alice', 'home/#'), true)
  assert.equal(await maySubscribe('alice', 'home/+/temp'), true)
  assert.equal(await maySubscribe('alice', '#'), false)
  assert.equal(await maySubscribe('alice', '+/kitchen'), false)
  assert.equal(await maySubscribe('bob', 'home/kitchen/+'), true)
  assert.equal(await maySubscribe('bob', 'home/kitchen/#'), false)
})

test('[MQTT-4.7.2-1] a leading wildcard does not reach a topic that begins with $', async () => {
  assert.equal(await maySubscribe('root', '$SYS/broker'), true)
  assert.equal(await maySubscribe('root', '$other/x'), false)
  assert.equal(await mayPublish('bob', '$x/kitchen/y'), false)
})

test('each filter of a subscription has its own answer', async () => {
  const filters = [{ filter: 'home/#' }, { filter: 'garden/#' }]
  const { verdict } = await plugin.authorizeSubscribe({ client: { principal: 'alice' }, filters })
  assert.ok(verdict?.verdict === 'filters')
  assert.deepEqual(
    verdict.filters.map((each) => each.verdict),
    ['allow', 'deny'],
  )
})

test('a delivery goes to those alone who may see the topic', async () => {
  const targets = ['alice', 'anonymous', 'root'].map((principal) => ({ client: { principal } }))
  const { verdict } = await plugin.authorizeReceive({ message: { topic: 'home/x' }, targets })
  assert.deepEqual(verdict, { verdict: 'recipients', default: 'allow', except: [1] })
})

test('options that do not fit are refused by name', async () => {
  await assert.rejects(loadPlugin(import.meta.dirname, { config: { publish_acl: { alice: 'home/#' } } }), {
    code: 'ERR_PLUGIN_CONFIG',
    message: /option `publish_acl\.alice`: expected a list, got the string "home\/#"/,
  })
})

test('the admin may do everything, on no list at all', async () => {
  assert.equal(await mayPublish('admin', 'anything'), true)
  assert.equal(await maySubscribe('admin', '#'), true)
  const targets = [{ client: { principal: 'admin' } }]
  const { verdict } = await plugin.authorizeReceive({ message: { topic: 'garden' }, targets })
  assert.deepEqual(verdict, { verdict: 'recipients', default: 'allow', except: [] })
})

test('what has no list is left open, and an empty list closes; `acl` is that of subscribing', async (t) => {
  const older = await loadPlugin(import.meta.dirname, { config: { acl: ACL, receive_acl: {} } })
  t.after(() => older.close())
  assert.equal(await mayPublish('mallory', 'anything', 'c1', older), true)
  assert.equal(await maySubscribe('alice', 'home/#', older), true)
  assert.equal(await maySubscribe('alice', 'garden', older), false)
  const targets = [{ client: { principal: 'alice' } }]
  const { verdict } = await older.authorizeReceive({ message: { topic: 'home/x' }, targets })
  assert.deepEqual(verdict, { verdict: 'recipients', default: 'allow', except: [0] })
})

test('both names of one list are a mistake', async () => {
  await assert.rejects(loadPlugin(import.meta.dirname, { config: { acl: ACL, subscribe_acl: ACL } }), {
    code: 'ERR_PLUGIN_LOAD',
    message: /`acl` is the older name of `subscribe_acl`: give one of them/,
  })
})
