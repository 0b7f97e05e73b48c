import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { after, suite, test } from 'node:test'
import type { DirectoryConfig } from '../../../src/config/source-config.ts'
import { Availability } from '../../../src/sources/availability.ts'
import { LdapDirectory } from '../../../src/sources/ldap.ts'
import { recordedSources } from '../../support/recorded-sources.ts'
import { BASE_DN, type DirectoryServer, NO_SLAPD, SEARCHER, startSlapd } from '../../support/slapd.ts'

function person(uid: string, password: string, more = ''): string {
  const lines = [
    'objectClass: inetOrgPerson',
    'objectClass: mqttClient',
    `uid: ${uid}`,
    `cn: ${uid}`,
    'sn: x',
  ]
  return [`dn: uid=${uid},${BASE_DN}`, ...lines, `userPassword: ${password}`, `${more}\n`].join('\n')
}

const ENTRIES =
  person('alice', 'wonderland', 'publishACL: home/#\npublishACL: garden/+\nmail: twin@test\n') +
  person('bob', 'builder', 'mail: twin@test\n') +
  [
    `dn: cn=elsewhere,${BASE_DN}`,
    'objectClass: referral',
    'objectClass: extensibleObject',
    'cn: elsewhere',
    'ref: ldap://127.0.0.1:1/dc=other',
    '',
  ].join('\n')

function open(url: string, change: Partial<DirectoryConfig> = {}) {
  const { observer, told } = recordedSources()
  const config: DirectoryConfig = {
    name: 'staff',
    url,
    startTls: false,
    tls: { caFile: undefined },
    ...SEARCHER,
    baseDn: BASE_DN,
    scope: 'sub',
    filter: '(&(objectClass=inetOrgPerson)(uid={username}))',
    attributes: ['cn', 'publishACL', 'subscribeACL'],
    maxEntries: 10,
    connections: 2,
    timeoutMs: 5000,
    ...change,
  }
  const directory = new LdapDirectory(config, new Availability('directory staff', observer))
  after(() => directory.stop())
  const { signal } = new AbortController()
  const lookup = (username: string) => ({ tenant: 'acme', parameters: { username }, signal })
  return {
    told,
    stop: () => directory.stop(),
    search: (username: string, mostBytes = 65_536) => directory.search(lookup(username), mostBytes),
    bind: (username: string, password: string | Uint8Array) =>
      directory.bind(lookup(username), Buffer.from(password as string)),
  }
}

const started = NO_SLAPD === false ? await startSlapd(ENTRIES) : undefined

suite('an LDAP directory', { skip: NO_SLAPD }, () => {
  const server = started as DirectoryServer

  test('finds who is meant, with the attributes that the operator lets be read', async () => {
    const { search } = open(server.url)
    assert.deepEqual(await search('alice'), [
      { dn: 'uid=alice,dc=test', attributes: { cn: ['alice'], publishACL: ['home/#', 'garden/+'] } },
    ])
    assert.deepEqual(await search('nobody'), [])
  })

  test('takes the right password and no other, whoever it is of', async () => {
    const { bind, told } = open(server.url)
    assert.equal(await bind('alice', 'wonderland'), true)
    assert.equal(await bind('alice', 'builder'), false)
    assert.equal(await bind('alice', new Uint8Array([0xff, 0xfe])), false)
    assert.equal(await bind('nobody', 'wonderland'), false)
    assert.deepEqual(told, [])
  })

  test('a value never becomes a part of the filter', async () => {
    const { search, bind } = open(server.url)
    for (const attempt of ['*', 'a*', 'alice)(uid=*', '*)(objectClass=*', '\\2a', 'alice\\00', ')(|(uid=*']) {
      assert.deepEqual(await search(attempt), [], attempt)
      assert.equal(await bind(attempt, 'wonderland'), false)
    }
    assert.deepEqual(await search(''), { failure: 'invalid', why: 'parameters: username must not be empty' })
  })

  test('of two that a filter finds nobody is bound as either', async () => {
    const { bind, search } = open(server.url, { filter: '(mail={username})' })
    assert.equal(((await search('twin@test')) as readonly unknown[]).length, 2)
    assert.equal(await bind('twin@test', 'wonderland'), false)
  })

  test('what is more than it may be is refused, never cut off', async () => {
    const tooMuch = { failure: 'limit', why: 'the answer is larger than it may be' }
    const { search } = open(server.url, { filter: '(mail={username})', maxEntries: 1 })
    assert.deepEqual(await search('twin@test'), tooMuch)
    assert.deepEqual(await open(server.url).search('alice', 40), tooMuch)
  })

  test('a referral is not followed', async () => {
    const { search, told } = open(server.url, { filter: '(|(cn=elsewhere)(uid={username}))', attributes: [] })
    assert.deepEqual(await search('alice'), [{ dn: 'uid=alice,dc=test', attributes: {} }])
    assert.deepEqual(told, [])
  })

  test('a searcher whom the directory refuses is the operator’s news: plugins learn no name of it', async () => {
    const { bind, told } = open(server.url, { bindPassword: 'wrong' })
    const ended = await bind('alice', 'wonderland')
    assert.deepEqual(ended, { failure: 'unavailable', why: 'the source refuses the question' })
    assert.equal(told.length, 1)
    assert.ok(!told.join().includes('wrong'))
  })
})

test('StartTLS takes a trusted certificate for its host, and says nothing to another server', {
  skip: NO_SLAPD,
}, async () => {
  const server = started as DirectoryServer
  const trusting = open(server.url, { startTls: true, tls: { caFile: server.caFile } })
  const first = await trusting.bind('alice', 'wonderland')
  assert.equal(first, true, trusting.told.join())
  assert.equal(await trusting.bind('alice', 'wrong'), false)
  const elsewhere = open(server.url.replace('127.0.0.1', 'localhost'), {
    startTls: true,
    tls: { caFile: server.caFile },
  })
  assert.equal(typeof (await elsewhere.bind('alice', 'wonderland')), 'object', 'it is for another name')
  const doubting = open(server.url, { startTls: true })
  const ended = await doubting.bind('alice', 'wonderland')
  assert.equal(typeof ended === 'object' && ended.failure, 'unavailable')
  assert.match(doubting.told.join(), /certificate/)
})

test('a server that says nothing costs its time and no more, and is then left alone', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  after(() => silent.close())
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as AddressInfo
  let connections = 0
  silent.on('connection', () => (connections += 1))
  const { bind, told } = open(`ldap://127.0.0.1:${port}`, { timeoutMs: 200 })
  const unreachable = { failure: 'unavailable', why: 'the source cannot be reached' }
  const late = await bind('alice', 'x')
  assert.equal(typeof late === 'object' && late.failure, 'unavailable')
  assert.deepEqual(await bind('alice', 'x'), unreachable)
  assert.deepEqual([connections, told.length], [1, 1])
})
