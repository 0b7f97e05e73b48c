import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { after, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'

const SECRET = 'a secret of at least thirty-two bytes'
const NOW = Math.floor(Date.now() / 1000)

async function load(config: object): Promise<LoadedPlugin> {
  const plugin = await loadPlugin(import.meta.dirname, { config: { user_claim: 'username', ...config } })
  after(() => plugin.close())
  return plugin
}

/** A token as another tool would make it. */
function token(claims: object, alg: string, signature: (text: string) => Buffer): string {
  const text = [{ alg, typ: 'JWT' }, claims].map((part) => base64(JSON.stringify(part))).join('.')
  return `${text}.${signature(text).toString('base64url')}`
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64url')
}

const hs256 = (claims: object, key = SECRET): string =>
  token(claims, 'HS256', (text) => createHmac('sha256', key).update(text).digest())

async function verdictOn(plugin: LoadedPlugin, username: string, password: string): Promise<unknown> {
  const { verdict } = await plugin.authenticate({ username, password: Buffer.from(password) })
  return verdict?.verdict
}

test('who shows a valid token with its own name in it is admitted, and nobody else', async () => {
  const plugin = await load({ secret_key: SECRET })
  assert.equal(await verdictOn(plugin, 'alice', hs256({ username: 'alice', exp: NOW + 60 })), 'allow')
  for (const [username, password] of [
    ['bob', hs256({ username: 'alice', exp: NOW + 60 })],
    ['alice', hs256({ username: 'alice', exp: NOW - 60 })],
    ['alice', hs256({ username: 'alice' }, 'another secret of thirty-two bytes!')],
    ['alice', hs256({ sub: 'alice' })],
    ['alice', token({ username: 'alice' }, 'none', () => Buffer.alloc(0))],
    ['alice', 'no token'],
  ] as const)
    assert.equal(await verdictOn(plugin, username, password), 'deny')
})

test('who shows no token is left to other plugins', async () => {
  const plugin = await load({ secret_key: SECRET })
  assert.equal((await plugin.authenticate({ username: 'alice' })).verdict?.verdict, 'abstain')
})

test('a token may be signed with a private key, and an HMAC of the public one is no signature', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  const plugin = await load({ secret_key: pem, algorithm: 'EdDSA' })
  const signed = token({ username: 'alice' }, 'EdDSA', (text) => sign(null, Buffer.from(text), privateKey))
  assert.equal(await verdictOn(plugin, 'alice', signed), 'allow')
  assert.equal(await verdictOn(plugin, 'alice', hs256({ username: 'alice' }, pem)), 'deny')
})
