import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'

const SECRET = 'a secret of at least thirty-two bytes'
const config = {
  secret_key: SECRET,
  publish_claim: 'publish_acl',
  subscribe_claim: 'subscribe_acl',
  receive_claim: 'receive_acl',
}

async function load(): Promise<LoadedPlugin> {
  const plugin = await loadPlugin(import.meta.dirname, { config })
  after(() => plugin.close())
  return plugin
}

function token(claims: object): Buffer {
  const text = [{ alg: 'HS256' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return Buffer.from(`${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`)
}

test('the claims of a token become grants, and those of no list grant nothing', async () => {
  const plugin = await load()
  const claims = {
    publish_acl: ['my/topic/#', 'my/+/other'],
    subscribe_acl: 'all',
    receive_acl: ['#', '{tenant}', 1],
  }
  const { verdict } = await plugin.authenticate({ username: 'alice', password: token(claims) })
  assert.ok(verdict?.verdict === 'allow' && 'grants' in verdict)
  const allowed = verdict.grants?.filter(({ effect }) => effect === 'allow')
  assert.deepEqual(allowed, [
    { effect: 'allow', actions: ['publish'], filter: 'my/topic/#' },
    { effect: 'allow', actions: ['publish'], filter: 'my/+/other' },
    { effect: 'allow', actions: ['receive'], filter: '#' },
  ])
  // every action has a grant, so that what no claim lists is refused
  assert.deepEqual(new Set(verdict.grants?.flatMap(({ actions }) => actions)).size, 3)
})

test('what a token grants ends with it', async () => {
  const plugin = await load()
  const exp = Math.floor(Date.now() / 1000) + 60
  const { verdict } = await plugin.authenticate({ username: 'alice', password: token({ exp }) })
  assert.ok(verdict?.verdict === 'allow' && 'expiresInMs' in verdict)
  assert.ok(verdict.expiresInMs !== undefined && verdict.expiresInMs > 0 && verdict.expiresInMs <= 60_000)
})

test('a token that is not valid is refused; who has none is left to other plugins', async () => {
  const plugin = await load()
  const forged = Buffer.from(`${token({ publish_acl: ['#'] }).toString()}x`)
  assert.equal((await plugin.authenticate({ username: 'a', password: forged })).verdict?.verdict, 'deny')
  assert.equal((await plugin.authenticate({ username: 'a' })).verdict?.verdict, 'abstain')
})
