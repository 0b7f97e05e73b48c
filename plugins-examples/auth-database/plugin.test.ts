import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'

/** Of `secret`, made by other programs: the argon2 command, htpasswd, passlib. */
const HASHES: Readonly<Record<string, string>> = {
  argon: '$argon2id$v=19$m=1024,t=1,p=1$1EYbyQ8wMMgz5jn18Vae8Q$nrLTipNtOUijloWlf5XJ+g',
  bcrypt: '$2y$05$2nYYKnm5DNPNK3e.G/W5..7TIVn.oUNqSrpQWlaqE3NwAAyOJa7Oa',
  pbkdf2: '$pbkdf2-sha256$1000$c2FsdHNhbHRzYWx0c2FsdA$dClvKSmj66n6MdMWNv3Go4mvH1Ym2WIGiJvquqa.mfE',
  plain: 'secret',
}

const asked: unknown[] = []
const ports = {
  query: {
    run: async (_tenant: string, name: string, parameters: Readonly<Record<string, unknown>>) => {
      asked.push([name, parameters['username']])
      if (parameters['username'] === 'offline') return { failure: 'unavailable', why: 'not there' } as const
      const hash = HASHES[String(parameters['username'])]
      return hash === undefined ? [] : [{ password_hash: hash }]
    },
  },
}

const plugin = await loadPlugin(import.meta.dirname, { ports })
after(() => plugin.close())

async function admitted(username: string, password: string, by: LoadedPlugin = plugin): Promise<boolean> {
  const { outcome, verdict, detail } = await by.authenticate({ username, password })
  assert.equal(outcome, 'ok', detail)
  return verdict?.verdict === 'allow'
}

test('the right password admits, whichever accepted scheme it is hashed by', async () => {
  assert.equal(await admitted('argon', 'secret'), true)
  assert.equal(await admitted('bcrypt', 'secret'), true)
  assert.deepEqual(asked.at(-1), ['findUser', 'bcrypt'])
})

test('nothing else does: a wrong one, an unknown user, a password that is stored as it is', async () => {
  for (const user of ['argon', 'bcrypt', 'nobody']) assert.equal(await admitted(user, 'wrong'), false)
  assert.equal(await admitted('plain', 'secret'), false)
})

test('without a name or a password the database is not asked', async () => {
  const before = asked.length
  assert.equal(await admitted('', 'secret'), false)
  assert.equal(await admitted('argon', ''), false)
  assert.equal((await plugin.authenticate({})).verdict?.verdict, 'deny')
  assert.equal(asked.length, before)
})

test('a database that does not answer is a failure, which the policy answers', async () => {
  const { outcome, verdict, detail } = await plugin.authenticate({ username: 'offline', password: 'x' })
  assert.deepEqual([outcome, verdict], ['threw', null])
  assert.match(detail, /not there/)
})

test('a scheme admits where the options name it, and only there', async () => {
  assert.equal(await admitted('pbkdf2', 'secret'), false)
  const config = { hashSchemes: ['pbkdf2_sha256'] }
  const other = await loadPlugin(import.meta.dirname, { ports, config })
  after(() => other.close())
  assert.equal(await admitted('pbkdf2', 'secret', other), true)
  assert.equal(await admitted('bcrypt', 'secret', other), false)
})
