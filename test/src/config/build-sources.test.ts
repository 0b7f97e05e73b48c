import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import { showConfig } from '../../../src/config/show-config.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()
folder.write('pg-secret', 'hunter2\n')
folder.write('ldap-secret', 'hunter3\n')

const WHOLE = `anonymous: true
databases:
  local: { type: sqlite, file: ./users.db, queries: { find: { sql: SELECT 1 } } }
  remote:
    { type: postgres, url: 'postgres://mqtt@db.example/users', passwordFile: ./pg-secret, caFile: ./ca.pem }
directories:
  staff:
    url: ldaps://ldap.example
    bindDn: cn=reader
    bindPasswordFile: ./ldap-secret
    baseDn: dc=example
    filter: (uid={username})`

/** Whether the one database is encrypted, and what the operator is warned of. */
async function tlsOf(more: string): Promise<[boolean, readonly string[]]> {
  const yaml = `anonymous: true\ndatabases: { d: { type: postgres, ${more} } }`
  const { config, warnings } = await folder.load(yaml)
  const [database] = config.tenants[0]?.sources.databases ?? []
  assert.ok(database?.type === 'postgres')
  return [database.tls !== undefined, warnings]
}

describe('sources of a config', () => {
  it('have absolute paths, defaults, and their secrets from files', async () => {
    const { databases, directories } = (await folder.tenant(WHOLE)).sources
    const [local, remote] = databases
    assert.ok(local?.type === 'sqlite' && remote?.type === 'postgres')
    assert.equal(local.file, path.join(folder.path, 'users.db'))
    assert.deepEqual(local.queries, [{ name: 'find', sql: 'SELECT 1', parameters: [], maxRows: 100 }])
    assert.deepEqual([remote.password, remote.tls?.caFile], ['hunter2', path.join(folder.path, 'ca.pem')])
    assert.deepEqual([remote.connections, remote.timeoutMs], [4, 1000])
    const [staff] = directories
    assert.deepEqual([staff?.bindPassword, staff?.scope, staff?.attributes], ['hunter3', 'sub', []])
  })

  it('are shown without their secrets', async () => {
    const shown = showConfig(await folder.load(WHOLE))
    assert.doesNotMatch(shown, /hunter/)
    assert.match(shown, /bindPassword: "?\*{8}/)
  })

  it('are encrypted unless they are on this machine; else the operator is warned', async () => {
    assert.deepEqual(await tlsOf("url: 'postgres://u@db.example/d'"), [true, []])
    assert.deepEqual(await tlsOf("url: 'postgres://u@localhost/d'"), [false, []])
    assert.deepEqual(await tlsOf("url: 'postgres://u@db.example/d', tls: false"), [
      false,
      ['the database "d": its rows cross the network unencrypted'],
    ])
  })

  it('of a tenant come before those of the operator, which it has as well', async () => {
    const own = `{ anonymous: true, databases: { mine: { type: sqlite, file: a.db } } }`
    const { config } = await folder.load(
      `databases: { ours: { type: sqlite, file: b.db } }\ntenants: { default: ${own} }`,
    )
    const names = config.tenants[0]?.sources.databases.map(({ name }) => name)
    assert.deepEqual(names, ['mine', 'ours'])
  })
})

describe('mistakes in sources', () => {
  const cases = [
    ['databases: { d: { type: sqlite } }', /databases\.d: a sqlite database needs its file/],
    ['databases: { d: { type: postgres } }', /databases\.d: a postgres database needs its url/],
    ['databases: { d: { type: sqlite, file: a, url: b } }', /databases\.d: a sqlite database has no url/],
    [
      "databases: { d: { type: postgres, url: 'postgres://u:hunter2@h/d' } }",
      /databases\.d\.url: a password in a URL is shown to everybody/,
    ],
    [
      `databases:
  a: { type: sqlite, file: a, queries: { find: { sql: x } } }
  b: { type: sqlite, file: b, queries: { find: { sql: x } } }`,
      /databases\.b\.queries: the database "a" has a query "find" already/,
    ],
    [
      'directories: { d: { url: ldap://h, baseDn: dc=x, filter: uid=x } }',
      /directories\.d\.filter: expected an LDAP filter in parentheses/,
    ],
    [
      'directories: { d: { url: ldap://h, baseDn: dc=x, filter: (a=b)(c=d) } }',
      /directories\.d\.filter: expected an LDAP filter in parentheses/,
    ],
    [
      'directories: { d: { url: ldap://h, baseDn: dc=x, filter: (a=b), bindDn: cn=x } }',
      /directories\.d: bindDn and bindPassword \(or bindPasswordFile\) belong together/,
    ],
    [
      'directories: { d: { url: ldaps://h, baseDn: dc=x, filter: (a=b), startTls: true } }',
      /directories\.d\.startTls: an ldaps: connection is encrypted already/,
    ],
  ] as const
  for (const [yaml, message] of cases) {
    it(`are named with their place: ${String(message)}`, async () => {
      const mistakes = await folder.mistakes(`anonymous: true\n${yaml}`)
      assert.equal(mistakes.length, 1, mistakes.join('\n'))
      assert.match(mistakes[0] ?? '', message)
      assert.doesNotMatch(mistakes[0] ?? '', /hunter2/)
    })
  }
})
