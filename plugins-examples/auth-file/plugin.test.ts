import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'
import { readPasswordFile } from './password-file.ts'

const CAROL =
  '$7$101$9rmYJoRPwInu6ZdY$MzGG30k79WuF32Y7lmstBRTI' +
  '/50uD7ypefZ4LM3S4drkh9ZI82CWHKr74vs37EhMa8pGDoDx/CrZuiqGBTjIRQ=='
const DAVE =
  '$6$abcdefgh$e1o..VsKRS0O4M9J1Qb9u.strxNEAfDkCXcaYc5TsDrJFctQCTMkPeis45vy3ZQtqt4dqG4vXTonFJKbQgR2Q1'

/** Of `wonderland`, each by the tool that is named; the costs are low so that the test is quick. */
const FILE = `
# htpasswd -B -C 4
alice:$2y$04$DgKE4P7IYu7WO1qI6oQNUO0k/RCUAdyk5oG.hLe/Mwxfb2ScWdvDW
# python3-argon2
bob:$argon2id$v=19$m=256,t=1,p=1$JJxKS+MPHNL/B2NEJgBEEA$9YIsm0tXMtaJOagi5FEzbQ
# mosquitto_passwd
carol:${CAROL}
# openssl passwd -6
dave:${DAVE}
`

suite('a password file', () => {
  let plugin: LoadedPlugin
  before(async () => {
    plugin = await loadPlugin(import.meta.dirname, { config: { password_file: FILE } })
  })
  after(() => plugin.close())

  for (const [user, tool] of [
    ['alice', 'htpasswd'],
    ['bob', 'python3-argon2'],
    ['carol', 'mosquitto_passwd'],
    ['dave', 'openssl'],
  ] as const) {
    test(`of ${tool} admits with the right password alone`, async () => {
      const right = await plugin.authenticate({ username: user, password: 'wonderland' })
      const wrong = await plugin.authenticate({ username: user, password: 'guess' })
      assert.deepEqual(right.verdict, { verdict: 'allow' })
      assert.deepEqual(wrong.verdict, { verdict: 'deny', code: 0x86 })
    })
  }

  test('refuses who is not in it as it refuses a wrong password', async () => {
    for (const username of ['mallory', 'constructor', '__proto__']) {
      const { verdict } = await plugin.authenticate({ username, password: 'wonderland' })
      assert.deepEqual(verdict, { verdict: 'deny', code: 0x86 })
    }
  })

  test('has no opinion on who gives no name', async () => {
    for (const nameless of [{}, { username: '', password: 'wonderland' }])
      assert.deepEqual((await plugin.authenticate(nameless)).verdict, { verdict: 'abstain' })
  })
})

test('without a file nobody is admitted', async (t) => {
  const plugin = await loadPlugin(import.meta.dirname)
  t.after(() => plugin.close())
  const { verdict } = await plugin.authenticate({ username: 'alice', password: 'wonderland' })
  assert.deepEqual(verdict, { verdict: 'deny', code: 0x86 })
})

suite('its lines', () => {
  test('are read as aMQTT reads them: trimmed, comments and empty ones left out, the last one counts', () => {
    const { hashes, useless } = readPasswordFile('\r\n # x\n  a:$2b$04$x \r\n#b:$2b$y\na:$2b$04$z\n')
    assert.deepEqual([...hashes], [['a', '$2b$04$z']])
    assert.deepEqual(useless, [])
  })

  test('that are of no use are known by their numbers, and admit nobody', () => {
    const { hashes, useless } = readPasswordFile(
      'plain:secret\nnobody\n:$2b$04$x\nmd5:$apr1$a$b\nsha:{SHA}x\nold:$6$salt$x==',
    )
    assert.equal(hashes.size, 0)
    assert.deepEqual(useless, [1, 2, 3, 4, 5, 6])
  })
})
