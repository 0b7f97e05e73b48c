import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { NO_MOSQUITTO, run, subscribe } from '../support/mosquitto.ts'
import { BASE_DN, NO_SLAPD, SEARCHER, startSlapd } from '../support/slapd.ts'

function person(uid: string, topics: readonly string[]): string {
  const lines = [
    'objectClass: inetOrgPerson',
    'objectClass: mqttClient',
    `uid: ${uid}`,
    `cn: ${uid}`,
    'sn: x',
  ]
  return [`dn: uid=${uid},${BASE_DN}`, ...lines, `userPassword: ${uid}-secret`, ...topics, '', ''].join('\n')
}

const skip = NO_MOSQUITTO || NO_SLAPD
const server =
  skip === false
    ? await startSlapd(
        person('alice', ['publishACL: home/#', 'subscribeACL: home/#']) +
          person('bob', ['subscribeACL: home/#', 'receiveACL: home/public']),
      )
    : undefined

const as = (user: string, password = `${user}-secret`): string[] => ['-u', user, '-P', password]

test('clients are admitted, and their topics judged, by an LDAP directory', { skip }, async () => {
  const acl = {
    publishAttribute: 'publishACL',
    subscribeAttribute: 'subscribeACL',
    receiveAttribute: 'receiveACL',
  }
  const { port } = await startBroker({
    allow: { password: true, ldap: true },
    directories: {
      users: {
        url: server?.url,
        ...SEARCHER,
        baseDn: BASE_DN,
        filter: '(uid={username})',
        attributes: Object.values(acl),
        timeoutMs: 5000,
      },
    },
    plugins: { './plugins-examples/auth-ldap': null, './plugins-examples/acl-ldap': acl },
  })
  const publish = (user: readonly string[], topic: string) =>
    run('mosquitto_pub', port, [...user, '-V', '5', '-q', '1', '-t', topic, '-m', topic])
  const bob = await subscribe(port, [...as('bob'), '-t', 'home/#'])
  assert.equal((await publish(as('alice'), 'home/secret')).code, 0)
  assert.equal((await publish(as('alice'), 'home/public')).code, 0)
  assert.match((await publish(as('alice'), 'garden')).stderr, /Not authorized/)
  assert.match((await publish(as('bob'), 'home/public')).stderr, /Not authorized/)
  for (const stranger of [as('alice', 'bob-secret'), as('*', 'alice-secret'), as('alice', '')]) {
    assert.match((await publish(stranger, 'home/public')).stderr, /Bad User Name or Password/)
  }
  assert.deepEqual(await bob.lines(1), ['home/public'])
  bob.child.kill()
})
