import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { loadPlugin } from 'bulkhead/test'

const asked: unknown[] = []
const plugin = await loadPlugin(import.meta.dirname, {
  ports: {
    ldap: {
      search: () => Promise.resolve([]),
      bind: async (_tenant, name, { username }, password) => {
        asked.push([name, username])
        if (username === 'offline') return { failure: 'unavailable', why: 'not there' }
        return username === 'alice' && Buffer.from(password).toString() === 'wonderland'
      },
    },
  },
})
after(() => plugin.close())

test('the directory’s yes admits, its no refuses', async () => {
  const right = await plugin.authenticate({ username: 'alice', password: 'wonderland' })
  assert.equal(right.verdict?.verdict, 'allow')
  assert.deepEqual(asked, [['users', 'alice']])
  const wrong = await plugin.authenticate({ username: 'alice', password: 'x' })
  assert.deepEqual(wrong.verdict, { verdict: 'deny', code: 0x86, reason: 'wrong user name or password' })
})

test('without a name or a password the directory is not asked', async () => {
  const before = asked.length
  for (const given of [{ username: 'alice' }, { username: 'alice', password: '' }, { password: 'x' }]) {
    assert.equal((await plugin.authenticate(given)).verdict?.verdict, 'deny')
  }
  assert.equal(asked.length, before)
})

test('a directory that does not answer is a failure, which the policy answers', async () => {
  const { outcome, verdict } = await plugin.authenticate({ username: 'offline', password: 'x' })
  assert.deepEqual([outcome, verdict], ['threw', null])
})
