import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import type { DirectoryConfig, SqliteConfig } from '../../../src/config/source-config.ts'
import { Sources } from '../../../src/sources/open-sources.ts'
import { recordedSources } from '../../support/recorded-sources.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const folder = tempFolder({})

function database(name: string, queries: Readonly<Record<string, string>>): SqliteConfig {
  const file = join(folder, `${name}.db`)
  new DatabaseSync(file).close()
  const named = Object.entries(queries).map(([query, sql]) => ({
    name: query,
    sql,
    parameters: ['tenant'],
    maxRows: 1,
  }))
  return { name, type: 'sqlite', file, timeoutMs: 5000, queries: named }
}

const NOBODY: DirectoryConfig = {
  name: 'staff',
  url: 'ldap://127.0.0.1:1',
  startTls: false,
  tls: { caFile: undefined },
  bindDn: '',
  bindPassword: '',
  baseDn: '',
  scope: 'sub',
  filter: '(uid={user})',
  attributes: [],
  maxEntries: 1,
  connections: 1,
  timeoutMs: 1000,
}

const shared = database('shared', { who: "SELECT 'shared ' || :tenant AS text" })
const own = database('own', { who: "SELECT 'own ' || :tenant AS text" })
const { observer, told } = recordedSources()
const sources = new Sources(
  [
    { name: 'acme', sources: { databases: [own, shared], directories: [NOBODY] } },
    { name: 'other', sources: { databases: [shared], directories: [] } },
  ],
  observer,
)
after(() => sources.stop())
const { query, ldap } = sources.ports
const { signal } = new AbortController()
const ask = (tenant: string) => query.run(tenant, 'who', {}, 1000, signal)

test('a tenant asks its own query before the operator’s of the same name, as itself', async () => {
  assert.deepEqual(await ask('acme'), [{ text: 'own acme' }])
  assert.deepEqual(await ask('other'), [{ text: 'shared other' }])
})

test('what is not there, or nobody waits for, is refused like anything that fails', async () => {
  const unreachable = { failure: 'unavailable', why: 'the source cannot be reached' }
  assert.deepEqual(await query.run('acme', 'what', {}, 1000, signal), unreachable)
  assert.deepEqual(await query.run('nobody', 'who', {}, 1000, signal), unreachable)
  assert.deepEqual(await ldap.search('other', 'staff', { user: 'x' }, 1000, signal), unreachable)
  assert.deepEqual(await ldap.bind('other', 'staff', { user: 'x' }, Buffer.from('x'), signal), unreachable)
  const late = await query.run('acme', 'who', {}, 1000, AbortSignal.abort())
  assert.deepEqual(late, { failure: 'unavailable', why: 'nobody waits for the answer any more' })
})

test('a server that refuses the connection is the operator’s news, and no address of it a plugin’s', async () => {
  const ended = await ldap.bind('acme', 'staff', { user: 'x' }, Buffer.from('x'), signal)
  assert.deepEqual(ended, { failure: 'unavailable', why: 'the source cannot be reached' })
  assert.match(told.join(), /^directory staff: .*ECONNREFUSED/)
})

test('tenants that are told anew ask what they have now; what stays the same stays open', async () => {
  const [first, second] = [
    database('kept', { who: "SELECT 'kept ' || :tenant AS text" }),
    database('new', { who: "SELECT 'new ' || :tenant AS text" }),
  ]
  const changing = new Sources([{ name: 'acme', sources: { databases: [first], directories: [] } }], observer)
  after(() => changing.stop())
  const who = (tenant: string) => changing.ports.query.run(tenant, 'who', {}, 1000, signal)
  assert.deepEqual(await who('acme'), [{ text: 'kept acme' }])
  const underWay = who('acme')
  const again = structuredClone(first)
  await changing.become([
    { name: 'acme', sources: { databases: [again], directories: [] } },
    { name: 'other', sources: { databases: [second], directories: [] } },
  ])
  assert.deepEqual(await underWay, [{ text: 'kept acme' }])
  assert.deepEqual(await Promise.all([who('acme'), who('other')]), [
    [{ text: 'kept acme' }],
    [{ text: 'new other' }],
  ])
  await changing.become([{ name: 'acme', sources: { databases: [second], directories: [] } }])
  assert.deepEqual(await who('acme'), [{ text: 'new acme' }])
  assert.ok('failure' in (await who('other')))
})
