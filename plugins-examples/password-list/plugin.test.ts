import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'
import { sha256 } from './sha256.ts'

const digest = createHash('sha256').update('looking-glass').digest('hex')

suite('password-list', () => {
  let plugin: LoadedPlugin
  before(async () => {
    const users = { alice: 'wönderland', bob: `sha256:${digest}` }
    plugin = await loadPlugin(import.meta.dirname, { config: { users } })
  })
  after(() => plugin.close())

  async function admitted(username: string | undefined, password: string | undefined): Promise<boolean> {
    const given = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    }
    const { outcome, verdict } = await plugin.authenticate(given)
    assert.equal(outcome, 'ok')
    return verdict?.verdict === 'allow'
  }

  test('the right password admits, plain or as its digest', async () => {
    assert.equal(await admitted('alice', 'wönderland'), true)
    assert.equal(await admitted('bob', 'looking-glass'), true)
  })

  test('nothing else does: not another’s, not the digest itself, not an unknown user', async () => {
    assert.equal(await admitted('alice', 'looking-glass'), false)
    assert.equal(await admitted('bob', `sha256:${digest}`), false)
    assert.equal(await admitted('mallory', 'wönderland'), false)
    assert.equal(await admitted('alice', ''), false)
    assert.equal(await admitted(undefined, undefined), false)
  })

  test('a refusal is 0x86, and the same for a wrong name and a wrong password', async () => {
    const wrong = [await plugin.authenticate({ username: 'alice', password: 'x' })]
    wrong.push(await plugin.authenticate({ username: 'mallory', password: 'x' }))
    for (const { verdict } of wrong) {
      assert.deepEqual(verdict, { verdict: 'deny', code: 0x86, reason: 'wrong user name or password' })
    }
  })
})

test('the digest is the one of node:crypto, for lengths around every block', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const message = Buffer.alloc(length, length)
    assert.equal(
      Buffer.from(sha256(message)).toString('hex'),
      createHash('sha256').update(message).digest('hex'),
    )
  }
})
