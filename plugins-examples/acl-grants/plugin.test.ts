import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Asked, type LoadedPlugin, loadPlugin } from 'bulkhead/test'

/** Of `wonderland`. */
const HASH = '$pbkdf2-sha256$1000$c2l4dGVlbiBieXRlIHNhbA$XclOOtDhenI/bGdNWQd5F3t5mn42kpeCVjV45gFlfsM'

const CONFIG = {
  roles: {
    family: { publish: ['home/#'], subscribe: ['home/#'] },
    guest: { subscribe: ['home/+/temperature'], deny: ['home/bedroom/#'] },
    device: { publish: ['devices/{clientId}/#'] },
  },
  users: {
    alice: { hash: HASH, roles: ['family'] },
    bob: { hash: HASH, roles: ['family', 'guest'] },
    lamp: { hash: HASH, roles: ['device'] },
  },
}

let plugin: LoadedPlugin
before(async () => {
  plugin = await loadPlugin(import.meta.dirname, { config: CONFIG })
})
after(() => plugin.close())

function login(username: string, password = 'wonderland'): Promise<Asked> {
  return plugin.authenticate({ username, password })
}

test('a user gets the grants of its role, and needs no other hook', async () => {
  const { verdict } = await login('alice')
  assert.deepEqual(verdict, {
    verdict: 'allow',
    roles: ['family'],
    grants: [
      { effect: 'allow', actions: ['publish'], filter: 'home/#' },
      { effect: 'allow', actions: ['subscribe', 'receive'], filter: 'home/#' },
    ],
  })
  assert.deepEqual([...plugin.hooks], ['authenticate'])
})

test('roles add up, and a denial of one of them is among them', async () => {
  const { verdict } = await login('bob')
  assert.ok(verdict?.verdict === 'allow')
  assert.deepEqual(verdict.roles, ['family', 'guest'])
  assert.deepEqual(verdict.grants?.at(-1), {
    effect: 'deny',
    actions: ['publish', 'receive'],
    filter: 'home/bedroom/#',
  })
})

test('placeholders are left to the broker, which fills them so that no client can widen them', async () => {
  const { verdict } = await login('lamp')
  assert.ok(verdict?.verdict === 'allow')
  assert.equal(verdict.grants?.[0]?.filter, 'devices/{clientId}/#')
})

test('a wrong password and an unknown user are refused alike', async () => {
  for (const asked of [await login('alice', 'guess'), await login('mallory'), await login('constructor')])
    assert.deepEqual(asked.verdict, { verdict: 'deny', code: 0x86 })
})

test('a role that is not defined stops the load by its name', async () => {
  const config = { ...CONFIG, users: { eve: { hash: HASH, roles: ['famly'] } } }
  await assert.rejects(loadPlugin(import.meta.dirname, { config }), {
    code: 'ERR_PLUGIN_LOAD',
    message: /eve has the role famly, which is not defined/,
  })
})
